"""A call fails when a source that it requires does, or all of them; the status says what happened to each."""

import grpc
import pytest
from google.rpc.status_pb2 import Status

from adapters.simulation import Fault
from tests.end_to_end.outcomes import ANSWERED, FAILED, reason, told_outcomes
from tests.end_to_end.serving import IDS, SHORT, Gateway, from_json, status_of
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import ListEventsRequest, ListMetricsRequest


async def test_a_required_source_that_is_down_fails_the_call_and_the_outcomes_ride_along(
    without_zylon: Gateway,
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await without_zylon.unary(ListMetricsRequest(required_sources=["ai"]))

    status = status_of(caught.value)
    assert grpc.StatusCode.UNAVAILABLE == caught.value.code()
    assert "REQUIRED_SOURCE_FAILED" == reason(status)
    assert {"ai": FAILED, "crm": ANSWERED, "docs": ANSWERED} == {
        source: outcome.state for source, outcome in told_outcomes(status).items()
    }


async def test_over_rest_a_required_source_that_is_down_is_a_problem_that_says_so(without_zylon: Gateway) -> None:
    reply = await without_zylon.rest(ListMetricsRequest(required_sources=["ai"]))

    problem = reply.json()
    status = from_json(problem["error"], Status)
    assert (503, "application/problem+json") == (reply.status, reply.headers["Content-Type"])
    assert 1 <= int(reply.headers["Retry-After"])
    assert (503, "REQUIRED_SOURCE_FAILED") == (problem["status"], reason(status))
    assert set(IDS) == set(told_outcomes(status))


async def test_a_source_that_is_not_required_may_be_down(without_zylon: Gateway) -> None:
    reply = await without_zylon.rest(ListMetricsRequest(required_sources=["crm", "docs"]))

    assert 200 == reply.status


async def break_all(upstreams: Upstreams, fault: Fault) -> None:
    for kind in IDS.values():
        (await upstreams.get(kind)).control.faults.append(fault)


@pytest.mark.parametrize(
    ("fault", "code", "why"),
    [
        (Fault(status=500), grpc.StatusCode.UNAVAILABLE, "ALL_SOURCES_FAILED"),
        (Fault(status=401), grpc.StatusCode.UNAVAILABLE, "ALL_SOURCES_FAILED"),
        (Fault(mode="hang"), grpc.StatusCode.DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"),
    ],
)
async def test_when_all_upstreams_fail_the_call_does(
    gateway: Gateway, upstreams: Upstreams, fault: Fault, code: grpc.StatusCode, why: str
) -> None:
    """Also when they refuse our credential, which is not the caller's."""
    await break_all(upstreams, fault)

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await gateway.unary(ListMetricsRequest(), timeout=SHORT)
    reply = await gateway.rest(ListMetricsRequest(), Request_Timeout="0.6")

    assert (code, why) == (caught.value.code(), reason(status_of(caught.value)))
    http = {grpc.StatusCode.UNAVAILABLE: 503, grpc.StatusCode.DEADLINE_EXCEEDED: 504}
    assert (http[code], why) == (reply.status, reason(from_json(reply.json()["error"], Status)))
    assert set(IDS) == set(told_outcomes(status_of(caught.value)))


async def test_a_page_is_whole_or_fails_and_then_its_token_is_still_good(
    gateway: Gateway, upstreams: Upstreams
) -> None:
    control = (await upstreams.get("fluidtopics")).control
    token = (await gateway.unary(ListEventsRequest(page_size=5))).next_page_token
    second = ListEventsRequest(page_size=5, page_token=token)
    whole = await gateway.unary(second)
    control.faults.append(Fault(mode="truncate"))

    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await gateway.unary(second)
    control.faults.clear()

    assert grpc.StatusCode.UNAVAILABLE == caught.value.code()
    assert whole.events == (await gateway.unary(second)).events
