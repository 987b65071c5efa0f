"""SuperOffice's quirks, one by one, met over HTTP. Those that need no server are told beside what handles them."""

import asyncio

import pytest
from google.protobuf.json_format import MessageToDict

from adapters.errors import UpstreamTimeoutError
from adapters.simulation import Fault
from tests.adapters.superoffice.crm import Crm
from tests.adapters.superoffice.golden import golden_body
from tests.clock import VirtualClock
from tests.running import inquire
from unified.analytics.v1.account_pb2 import License


async def test_quirk_2_the_licence_is_an_object_with_three_dates(crm: Crm) -> None:
    licence = (await crm.account()).license
    assert License.STATE_ACTIVE == licence.state
    assert licence.admin_warning_time.seconds < licence.expiry_time.seconds < licence.grace_time.seconds


async def test_quirk_3_their_misspelling_stays_with_them(crm: Crm) -> None:
    crm.answers(golden_body({"HasLicensce": {"Sales Premium": True}}))
    assert {"Sales Premium": True} == (await crm.account("licenses_held")).licenses_held
    assert {"$select": "HasLicensce"} == crm.control.requests[-1].query


async def test_quirk_4_maps_may_come_as_lists_of_pairs(crm: Crm) -> None:
    as_objects = await crm.account()
    crm.control.switches["maps"] = "list"
    assert as_objects == await crm.account()
    assert as_objects.licenses_held
    assert [] == crm.drift()


@pytest.mark.parametrize("select", ["null", "omit"])
async def test_quirk_5_what_select_leaves_out_is_neither_zero_nor_a_departure(crm: Crm, select: str) -> None:
    crm.control.switches["select"] = select
    account = await crm.account("country_code")
    assert {"source", "observe_time", "country_code"} == {field.name for field, _ in account.ListFields()}
    assert [] == crm.drift()


async def test_quirk_5_a_counter_that_is_null_has_no_value(crm: Crm) -> None:
    crm.answers(golden_body({"TotContact": None}))
    assert {"superoffice.contacts": None} == await crm.metrics("superoffice.contacts")
    assert [] == crm.drift()


async def test_quirk_6_name_email_and_company_are_for_development_only(crm: Crm) -> None:
    account = await crm.account()
    assert account.name
    assert account.email.endswith(".example")
    assert account.company
    crm.control.switches["environment"] = "online"
    account = await crm.account()
    assert not any(account.HasField(field) for field in ("name", "email", "company"))
    assert [] == crm.drift()


async def test_quirk_8_dates_are_asked_for_in_utc_with_their_offset(crm: Crm) -> None:
    await crm.account()
    assert "UTC, includeTZOffset" == crm.headers()["so-timezone"]


@pytest.mark.parametrize("dates", ["offset", "naive", "zulu"])
async def test_quirk_8_every_form_of_a_date_is_the_same_moment(crm: Crm, dates: str) -> None:
    asked = (await crm.account()).license
    crm.control.switches["dates"] = dates
    assert asked == (await crm.account()).license
    assert asked.HasField("expiry_time")


async def test_quirk_9_unset_dates_are_absent(crm: Crm) -> None:
    crm.control.switches["dates"] = "unset"
    account = await crm.account()
    assert {"companyName", "serialNumber", "userLicenses"} == MessageToDict(account.license).keys()
    assert not account.HasField("sign_up_time")
    assert [] == crm.drift()


async def test_quirk_15_a_call_that_hangs_ends_with_the_deadline(crm: Crm) -> None:
    crm.control.faults.append(Fault(mode="hang"))
    clock = VirtualClock()
    crm.inquiry = inquire("superoffice", clock, seconds=5)
    asking = asyncio.create_task(crm.metrics())
    await crm.control.until(lambda control: control.asked == 1)
    await clock.advance(5)
    with pytest.raises(UpstreamTimeoutError):
        await asking
    await crm.control.until(lambda control: control.closed_early == 1)


async def test_quirk_16_secrets_that_come_along_go_nowhere(crm: Crm) -> None:
    crm.control.switches["secrets"] = "on"
    account = await crm.account()
    assert ["AmplitudeApiKey", "UserflowToken"] == crm.drift()
    assert "secret" not in f"{account} {list(crm.inquiry.drift)}"


async def test_quirk_17_names_come_in_one_language(crm: Crm) -> None:
    assert "Norway" == (await crm.account()).country_name
    assert ("en", "en") == (crm.headers()["accept-language"], crm.headers()["so-language"])
