"""An upstream that is down, slow or mad costs its own numbers, and nobody else's; the outcome says what happened."""

import asyncio

import pytest

from adapters.simulation import Fault
from tests.end_to_end.outcomes import ANSWERED, FAILED, TIMED_OUT, outcomes, reason
from tests.end_to_end.serving import IDS, SHORT, Gateway, from_json, serving, tables
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import (
    GetOverviewRequest,
    ListMetricsRequest,
    ListMetricsResponse,
)
from unified.analytics.v1.outcome_pb2 import DriftWarning
from unified.analytics.v1.source_service_pb2 import CheckSourceRequest

BROKEN = {
    "not reachable": (Fault(mode="cut"), FAILED, "UPSTREAM_UNREACHABLE"),
    "hangs up in the middle": (Fault(mode="truncate"), FAILED, "UPSTREAM_UNREACHABLE"),
    "half a JSON text": (Fault(mode="invalid-json"), FAILED, "UPSTREAM_RESPONSE_INVALID"),
    "a page in HTML": (Fault(mode="not-json"), FAILED, "UPSTREAM_RESPONSE_INVALID"),
    "nothing": (Fault(mode="empty"), FAILED, "UPSTREAM_RESPONSE_INVALID"),
    "an endless answer": (Fault(mode="endless"), FAILED, "UPSTREAM_RESPONSE_TOO_LARGE"),
    "go elsewhere": (Fault(mode="redirect"), FAILED, "UPSTREAM_REDIRECTED"),
    "400": (Fault(status=400), FAILED, "UPSTREAM_REQUEST_REFUSED"),
    "401": (Fault(status=401), FAILED, "UPSTREAM_CREDENTIAL_REFUSED"),
    "403": (Fault(status=403), FAILED, "UPSTREAM_PERMISSION_REFUSED"),
    "404": (Fault(status=404), FAILED, "UPSTREAM_NOT_FOUND"),
    "421": (Fault(status=421), FAILED, "UPSTREAM_MISDIRECTED"),
    "500": (Fault(status=500), FAILED, "UPSTREAM_FAILED"),
    "503": (Fault(status=503, retry_after="3600"), FAILED, "UPSTREAM_FAILED"),
}
"""What an upstream may do that is over at once, and what is told of it."""

SILENT = {"not a byte": Fault(mode="hang"), "half an answer": Fault(mode="stall"), "too late": Fault(latency=30)}
"""What an upstream may do so that a call runs out of time."""


@pytest.fixture
async def whole(gateway: Gateway) -> ListMetricsResponse:
    """The answer when all is well."""
    answer: ListMetricsResponse = await gateway.unary(ListMetricsRequest())
    return answer


def others(answer: ListMetricsResponse, source: str) -> list[object]:
    """The numbers that did not come from the source."""
    return [(row.metric, dict(row.labels), row.value) for row in answer.metrics if row.source != source]


@pytest.mark.parametrize("source", IDS)
@pytest.mark.parametrize("how", BROKEN)
async def test_an_upstream_that_fails_costs_only_its_own_numbers(
    gateway: Gateway, upstreams: Upstreams, whole: ListMetricsResponse, source: str, how: str
) -> None:
    fault, state, why = BROKEN[how]
    (await upstreams.get(IDS[source])).control.faults.append(fault)

    answer = await gateway.unary(ListMetricsRequest())

    assert others(whole, source) == others(answer, source)
    assert source not in {row.source for row in answer.metrics}
    assert (state, why) == (outcomes(answer)[source].state, reason(outcomes(answer)[source].status))


async def test_an_upstream_that_is_asked_too_often_costs_only_its_own_numbers(upstreams: Upstreams) -> None:
    """It is asked less often for a while: so the gateway is one of its own, which nobody else asks."""
    async with serving(await tables(upstreams)) as gateway:
        whole = await gateway.unary(ListMetricsRequest())
        (await upstreams.get(IDS["ai"])).control.faults.append(Fault(status=429))

        answer = await gateway.unary(ListMetricsRequest())

    assert others(whole, "ai") == others(answer, "ai")
    assert (FAILED, "UPSTREAM_RATE_LIMITED") == (
        outcomes(answer)["ai"].state,
        reason(outcomes(answer)["ai"].status),
    )


@pytest.mark.parametrize("source", IDS)
@pytest.mark.parametrize("how", SILENT)
async def test_an_upstream_that_is_silent_costs_only_its_own_numbers_and_no_time(
    gateway: Gateway, upstreams: Upstreams, whole: ListMetricsResponse, source: str, how: str
) -> None:
    """The client gives up at its deadline; that it has an answer says that the answer came before.

    No request goes on for which nobody waits any more.
    """
    control = (await upstreams.get(IDS[source])).control
    control.faults.append(SILENT[how])

    answer = await gateway.unary(ListMetricsRequest(), timeout=SHORT)

    assert others(whole, source) == others(answer, source)
    assert (TIMED_OUT, "UPSTREAM_TIMEOUT") == (
        outcomes(answer)[source].state,
        reason(outcomes(answer)[source].status),
    )
    await control.until(lambda seen: seen.closed_early == 1)


@pytest.mark.parametrize("source", IDS)
async def test_rest_has_the_same_patience(gateway: Gateway, upstreams: Upstreams, source: str) -> None:
    (await upstreams.get(IDS[source])).control.faults.append(Fault(mode="hang"))

    reply = await gateway.rest(ListMetricsRequest(), Request_Timeout="0.6")

    answer = from_json(reply.json(), ListMetricsResponse)
    assert 200 == reply.status
    assert TIMED_OUT == outcomes(answer)[source].state
    assert set(IDS) - {source} == {row.source for row in answer.metrics}


@pytest.mark.parametrize("source", IDS)
async def test_an_overview_holds_all_that_the_others_know(gateway: Gateway, upstreams: Upstreams, source: str) -> None:
    """Each part of it fails on its own."""
    (await upstreams.get(IDS[source])).control.faults.append(Fault(mode="hang"))

    answer = await gateway.unary(GetOverviewRequest(), timeout=SHORT)

    told = {(outcome.source, outcome.part): outcome.state for outcome in answer.outcomes}
    assert {TIMED_OUT} == {state for (asked, _), state in told.items() if asked == source}
    assert {ANSWERED} == {state for (asked, _), state in told.items() if asked != source}
    assert set(IDS) - {source} == {row.source for row in answer.metrics}
    assert source not in {
        item.source for part in ("time_series", "rankings", "accounts") for item in getattr(answer, part)
    }


@pytest.mark.parametrize("source", IDS)
async def test_null_instead_of_an_answer_is_a_failure(gateway: Gateway, upstreams: Upstreams, source: str) -> None:
    """SuperOffice documents it as its way to say that a call has failed; for the others it is nonsense."""
    (await upstreams.get(IDS[source])).control.faults.append(Fault(mode="null"))

    answer = await gateway.unary(ListMetricsRequest())

    why = "UPSTREAM_REPORTED_FAILURE" if source == "crm" else "UPSTREAM_RESPONSE_INVALID"
    assert (FAILED, why) == (outcomes(answer)[source].state, reason(outcomes(answer)[source].status))


@pytest.mark.parametrize("source", IDS)
async def test_wrong_types_make_no_numbers(
    gateway: Gateway, upstreams: Upstreams, whole: ListMetricsResponse, source: str
) -> None:
    """Whatever the source can still answer, it holds no number that was not sent, and the drift is told."""
    (await upstreams.get(IDS[source])).control.faults.append(Fault(mode="wrong-types"))

    answer = await gateway.unary(ListMetricsRequest())

    assert others(whole, source) == others(answer, source)
    assert [] == [row for row in answer.metrics if row.source == source and row.HasField("value")]
    assert DriftWarning.KIND_MISTYPED in {warning.kind for warning in outcomes(answer)[source].drift}


async def test_an_upstream_that_is_down_costs_only_its_own_numbers(
    without_zylon: Gateway, whole: ListMetricsResponse
) -> None:
    answer = await without_zylon.unary(ListMetricsRequest(), timeout=SHORT)

    assert others(whole, "ai") == others(answer, "ai")
    assert (FAILED, "UPSTREAM_UNREACHABLE") == (outcomes(answer)["ai"].state, reason(outcomes(answer)["ai"].status))


async def test_a_client_that_leaves_takes_its_upstream_calls_along(gateway: Gateway, upstreams: Upstreams) -> None:
    controls = [(await upstreams.get(kind)).control for kind in IDS.values()]
    for control in controls:
        control.faults.append(Fault(mode="hang"))
    call = asyncio.create_task(gateway.unary(ListMetricsRequest()))
    for control in controls:
        await control.until(lambda seen: seen.asked > 0)

    call.cancel()

    for control in controls:
        await control.until(lambda seen: seen.closed_early == 1)


async def test_that_a_source_fails_is_an_answer_to_whoever_checks_it(gateway: Gateway, upstreams: Upstreams) -> None:
    (await upstreams.get("zylon")).control.faults.append(Fault(status=401))

    answer = await gateway.unary(CheckSourceRequest(source="ai"))

    assert (FAILED, "UPSTREAM_CREDENTIAL_REFUSED") == (answer.outcome.state, reason(answer.outcome.status))
