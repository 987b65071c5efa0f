"""The simulated SuperOffice, asked as anybody may ask it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import aiohttp
import msgspec
import pytest

from adapters.simulation import Company, Control
from adapters.superoffice.simulated.data import snapshot
from adapters.superoffice.simulator import PASSWORD, TOKEN, USERNAME
from tests.clock import START
from tests.running import Upstreams

AUTHORIZATION = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(slots=True, kw_only=True)
class Caller:
    session: aiohttp.ClientSession
    url: str
    control: Control
    headers: dict[str, str] = field(default_factory=lambda: dict(AUTHORIZATION))

    async def post(self, select: str = "", **headers: str) -> dict[str, object]:
        """The answer to a call that succeeds."""
        query = {"$select": select} if select else {}
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.post(self.url, params=query, headers=sent) as response:
            response.raise_for_status()
            return msgspec.json.decode(await response.read(), type=dict[str, object])

    async def status(self, method: str = "POST", headers: dict[str, str] | None = None) -> int:
        async with self.session.request(method, self.url, headers=self.headers | (headers or {})) as response:
            await response.read()
            return response.status


@pytest.fixture
async def caller(upstreams: Upstreams) -> AsyncIterator[Caller]:
    running = await upstreams.get("superoffice")
    url = f"{running.base_url}/api/v1/Agents/Diagnostics/GetAnalyticsData"
    async with aiohttp.ClientSession() as session:
        yield Caller(session=session, url=url, control=running.control)


async def test_whoever_has_no_credential_is_refused(caller: Caller) -> None:
    assert 401 == await caller.status(headers={"Authorization": "Bearer guessed"})


@pytest.mark.parametrize(("environment", "status"), [("sod", 401), ("online", 401), ("onsite", 200)])
async def test_a_name_and_a_password_are_taken_on_site_only(caller: Caller, environment: str, status: int) -> None:
    caller.control.switches["environment"] = environment
    basic = {"Authorization": aiohttp.encode_basic_auth(USERNAME, PASSWORD)}
    assert status == await caller.status(headers=basic)


async def test_a_get_describes_the_call_and_tells_no_data(caller: Caller) -> None:
    async with caller.session.get(caller.url, headers=AUTHORIZATION) as response:
        assert [["POST"]] == [list(methods) for methods in (await response.json()).values()]


async def test_xml_is_not_played(caller: Caller) -> None:
    assert 406 == await caller.status(headers={"Accept": "application/xml"})
    assert 200 == await caller.status(headers={"Accept": "application/xml, application/json;q=0.5"})


async def test_select_takes_names_in_any_case_and_members_with_a_slash(caller: Caller) -> None:
    answer = await caller.post("totcontact, LICENSESTATUS/expirydate,unheard-of")
    assert {"TotContact", "LicenseStatus"} == {name for name, value in answer.items() if value is not None}
    assert 51 == len(answer)
    licence = msgspec.convert(answer["LicenseStatus"], dict[str, object])
    assert {"ExpiryDate"} == {name for name, value in licence.items() if value is not None}


async def test_select_may_also_leave_things_out(caller: Caller) -> None:
    caller.control.switches["select"] = "omit"
    assert {"TotContact", "TotSale"} == (await caller.post("TotContact,TotSale")).keys()
    assert {"LicenseStatus": {"SerialNr": "1000012345"}} == await caller.post("LicenseStatus/SerialNr")


@pytest.mark.parametrize(
    ("asked", "ending"),
    [("", "59:59.9999997"), ("UTC", "59:59.9999997"), ("UTC, includeTZOffset", "Z"), ("NO,includeTZOffset", "+01:00")],
)
async def test_dates_are_written_as_the_time_zone_was_asked_for(caller: Caller, asked: str, ending: str) -> None:
    answer = await caller.post("UserSignedUpAt,LicenseStatus", SO_TimeZone=asked)
    dates = msgspec.convert(answer["LicenseStatus"], dict[str, object])
    assert str(dates["ExpiryDate"]).endswith(ending)


async def test_without_a_time_zone_dates_are_in_the_tenants_own(caller: Caller) -> None:
    tenants, utc = [
        str((await caller.post("UserSignedUpAt", SO_TimeZone=asked))["UserSignedUpAt"]) for asked in ("", "UTC")
    ]
    assert timedelta(hours=1) == datetime.fromisoformat(tenants) - datetime.fromisoformat(utc)


async def test_an_unknown_time_zone_is_a_bad_request(caller: Caller) -> None:
    assert 400 == await caller.status(headers={"SO-TimeZone": "Atlantis"})


@pytest.mark.parametrize(
    ("headers", "country"),
    [
        ({}, 'NO:"Norge";US:"Norway";GE:"Norwegen"'),
        ({"Accept_Language": "no"}, "Norge"),
        ({"Accept_Language": "no", "SO_Language": "de"}, "Norwegen"),
        ({"Accept_Language": "no", "SO_Language": "*"}, 'NO:"Norge";US:"Norway";GE:"Norwegen"'),
        ({"Accept_Language": "fr, en;q=0.5"}, "Norway"),
    ],
)
async def test_texts_come_in_the_language_asked_for(caller: Caller, headers: dict[str, str], country: str) -> None:
    assert country == (await caller.post("UserCountryName", **headers))["UserCountryName"]


def numbers(data: dict[str, object], prefix: str) -> dict[str, int]:
    return {name.removeprefix(prefix): value for name, value in data.items()
            if name.startswith(prefix) and isinstance(value, int)}  # fmt: skip


def test_a_user_has_no_more_than_the_system_and_time_only_adds() -> None:
    company = Company(today=START.date())
    moments = [START - timedelta(days=200), START - timedelta(hours=3), START, START + timedelta(days=40)]
    snapshots = [snapshot(company, moment) for moment in moments]
    for data in snapshots:
        own, total = numbers(data, "Num"), numbers(data, "Tot")
        assert all(0 <= own[stem] <= total[stem] for stem in own)
    totals = [numbers(data, "Tot") for data in snapshots]
    for earlier, later in pairwise(totals):
        assert all(earlier[stem] <= later[stem] for stem in earlier)
        assert earlier["TicketLogAction"] < later["TicketLogAction"]


def test_the_same_seed_is_the_same_company() -> None:
    assert snapshot(Company(seed=7), START) == snapshot(Company(seed=7), START)
    assert snapshot(Company(seed=7), START) != snapshot(Company(seed=8), START)
