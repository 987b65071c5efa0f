"""A SuperOffice source, from the question to the answer, over HTTP."""

from collections.abc import Mapping

import pytest
from google.protobuf.json_format import MessageToDict

from adapters.drift import DriftKind
from adapters.errors import (
    CredentialRefusedError,
    InvalidResponseError,
    MisdirectedError,
    PermissionRefusedError,
    ReportedFailureError,
    SourceError,
    UpstreamFailedError,
    UpstreamNotFoundError,
)
from adapters.ports import AccountsSource, EventsSource, MetricsSource, RankingsSource, SeriesSource
from adapters.query import AccountQuestion
from adapters.simulation import Fault
from adapters.superoffice import ADAPTER
from adapters.superoffice.simulator import PASSWORD, USERNAME
from tests.adapters.superoffice.crm import Crm
from tests.adapters.superoffice.golden import golden_body, read_golden
from tests.clock import START
from tests.running import Upstreams, inquire


def lookup(tree: Mapping[str, object], path: str) -> object:
    """What stands at a path of nested objects."""
    head, _, rest = path.partition(".")
    value = tree[head]
    if not rest:
        return value
    assert isinstance(value, dict)
    return lookup(value, rest)


async def test_every_property_of_the_documentation_is_found_with_the_value_sent(crm: Crm) -> None:
    """The golden table holds all 51 properties, and all members of the licence."""
    crm.answers(golden_body())
    metrics = await crm.metrics()
    account = MessageToDict(await crm.account(), preserving_proto_field_name=True)
    rows = read_golden()
    found = {
        row.name: lookup(account, row.place.removeprefix("account."))
        if row.place.startswith("account.")
        else metrics[row.place]
        for row in rows
    }
    assert {row.name: row.found for row in rows} == found
    assert 51 == len({row.name.partition("/")[0] for row in rows})
    assert [] == crm.drift()


async def test_the_state_and_the_dates_in_free_text_are_derived_besides(crm: Crm) -> None:
    crm.answers(golden_body())
    account = MessageToDict(await crm.account())
    assert "STATE_WARNING" == account["license"]["state"]
    assert "2019-08-12T09:12:44.123456Z" == account["signUpTime"]
    assert "2011-03-04T00:00:00Z" == account["groupRegistrationTime"]
    assert "2026-03-18T12:00:00Z" == account["observeTime"]
    assert "superoffice" == account["source"]


async def test_metrics_are_pushed_down(crm: Crm) -> None:
    metrics = await crm.metrics("superoffice.contacts", "superoffice.user.sales")
    assert {"superoffice.contacts", "superoffice.user.sales"} == metrics.keys()
    assert None not in metrics.values()
    assert {"$select": "NumSale,TotContact"} == crm.control.requests[-1].query


async def test_account_paths_are_pushed_down(crm: Crm) -> None:
    account = await crm.account("license.expiry_time", "preferences")
    assert {"source", "observe_time", "license", "preferences"} == {field.name for field, _ in account.ListFields()}
    assert {"$select": "Preferences,LicenseStatus/ExpiryDate"} == crm.control.requests[-1].query


async def test_whoever_wants_all_selects_nothing(crm: Crm) -> None:
    await crm.metrics()
    await crm.account()
    assert [{}, {}] == [request.query for request in crm.control.requests]


async def test_one_question_is_one_request(crm: Crm) -> None:
    await crm.metrics()
    assert (1, START) == (crm.inquiry.attempts, crm.inquiry.observe_time)
    assert 1 == crm.control.asked


async def test_a_check_asks_for_the_version_alone(crm: Crm) -> None:
    await crm.source.check(crm.inquiry)
    assert {"$select": "FileVersion"} == crm.control.requests[-1].query


async def test_the_request_is_a_post_without_a_body(crm: Crm) -> None:
    await crm.metrics()
    request = crm.control.requests[-1]
    assert ("POST", b"") == (request.method, request.body)
    assert "/Cust12345/api/v1/Agents/Diagnostics/GetAnalyticsData" == request.path
    assert ("application/json", "0") == (crm.headers()["content-type"], crm.headers()["content-length"])


async def test_only_json_is_accepted(crm: Crm) -> None:
    """XML is really served to whoever accepts it."""
    await crm.metrics()
    assert "application/json" == crm.headers()["accept"]


async def test_language_and_culture_are_those_of_the_settings(upstreams: Upstreams) -> None:
    running = await upstreams.get("superoffice")
    async with running.open(language="de", culture="nb-NO") as source:
        assert isinstance(source, AccountsSource)
        account = await source.account(AccountQuestion(), inquire("superoffice"))
    headers = running.control.requests[-1].headers
    assert ("de", "de", "nb-NO") == (headers["accept-language"], headers["so-language"], headers["so-culture"])
    assert "Norwegen" == account.country_name


@pytest.mark.parametrize("tail", ["/", "/api", "/api/", "/api/v1"])
async def test_every_spelling_of_the_base_url_arrives(upstreams: Upstreams, tail: str) -> None:
    running = await upstreams.get("superoffice")
    async with running.open(base_url=f"{running.base_url}{tail}") as source:
        await source.check(inquire("superoffice"))
    assert "/Cust12345/api/v1/Agents/Diagnostics/GetAnalyticsData" == running.control.requests[-1].path


async def test_an_installation_on_site_takes_a_name_and_a_password(upstreams: Upstreams) -> None:
    running = await upstreams.get("superoffice")
    running.control.switches["environment"] = "onsite"
    async with running.open(auth={"scheme": "basic", "username": USERNAME, "password": PASSWORD}) as source:
        await source.check(inquire("superoffice"))


async def test_a_wrong_token_is_refused_and_not_repeated(upstreams: Upstreams) -> None:
    running = await upstreams.get("superoffice")
    inquiry = inquire("superoffice")
    async with running.open(auth={"scheme": "bearer", "token": "8A:Cust1.wrong"}) as source:
        with pytest.raises(CredentialRefusedError) as caught:
            await source.check(inquiry)
    assert "wrong" not in str(caught.value)
    assert 1 == inquiry.attempts


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (401, CredentialRefusedError),
        (403, PermissionRefusedError),
        (404, UpstreamNotFoundError),
        (421, MisdirectedError),
    ],
)
async def test_each_refusal_has_its_own_error(crm: Crm, status: int, error: type[SourceError]) -> None:
    crm.control.faults.append(Fault(status=status))
    with pytest.raises(error):
        await crm.metrics()
    assert 1 == crm.inquiry.attempts


async def test_quirk_14_a_post_that_only_reads_is_repeated(crm: Crm) -> None:
    crm.control.faults.append(Fault(status=503, times=1, retry_after="0"))
    assert 35 == len(await crm.metrics())
    assert 2 == crm.inquiry.attempts


async def test_what_fails_each_time_fails(crm: Crm) -> None:
    crm.control.faults.append(Fault(status=500, retry_after="0"))
    with pytest.raises(UpstreamFailedError):
        await crm.account()


@pytest.mark.parametrize("result", ["null", "message", "error"])
async def test_quirk_1_a_failure_that_comes_with_200_is_never_an_empty_answer(crm: Crm, result: str) -> None:
    crm.control.switches["result"] = result
    for question in (crm.metrics(), crm.account(), crm.source.check(crm.inquiry)):
        with pytest.raises(ReportedFailureError) as caught:
            await question
        assert "ada.berg" not in str(caught.value)
    assert crm.inquiry.observe_time is None


async def test_an_answer_of_nothing_known_is_invalid(crm: Crm) -> None:
    crm.answers({"status": "up"})
    with pytest.raises(InvalidResponseError):
        await crm.metrics()


async def test_drift_is_counted_for_the_question_and_costs_nothing_else(crm: Crm) -> None:
    crm.answers(golden_body({"TotContact": "many", "Brand": "new"}, without="TotSale"))
    metrics = await crm.metrics()
    assert {"superoffice.contacts", "superoffice.sales"} == {
        metric for metric, value in metrics.items() if value is None
    }
    assert [("Brand", DriftKind.UNKNOWN), ("TotContact", DriftKind.MISTYPED), ("TotSale", DriftKind.MISSING)] == [
        (field, kind) for field, kind, _ in crm.inquiry.drift
    ]


async def test_it_offers_metrics_and_accounts_and_nothing_else(crm: Crm) -> None:
    offered = [port for port in (MetricsSource, AccountsSource, SeriesSource, RankingsSource, EventsSource)
               if isinstance(crm.source, port)]  # fmt: skip
    assert [MetricsSource, AccountsSource] == offered
    assert 35 == len(crm.source.metric_descriptors)
    assert "superoffice" == ADAPTER.kind == crm.source.id


async def test_the_credential_is_in_no_repr(crm: Crm) -> None:
    await crm.metrics()
    assert "sandbox-superoffice" not in repr([crm.source, vars(crm.source), crm.inquiry])
