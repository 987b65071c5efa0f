"""Sources at a glance: what is told of each, over both fronts, and what an operator is told to do."""

import pytest
from google.protobuf.message import Message

from adapters.simulation import Fault
from tests.end_to_end.outcomes import FAILED, reason
from tests.end_to_end.serving import IDS, Gateway, from_json, serving, tables, to_json
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest
from unified.analytics.v1.outcome_pb2 import DriftWarning
from unified.analytics.v1.source_pb2 import SourceHistory
from unified.analytics.v1.source_service_pb2 import (
    CheckSourceRequest,
    CheckSourceResponse,
    GetSourceRequest,
    ListSourcesRequest,
)


async def history(gateway: Gateway, source: str) -> SourceHistory:
    """What is remembered of a source, over both fronts the same."""
    request: Message = GetSourceRequest(source=source)
    answer = await gateway.unary(request)
    assert to_json(answer) == (await gateway.rest(request)).json()
    assert isinstance(answer.source.history, SourceHistory)
    return answer.source.history


@pytest.mark.parametrize("source", IDS)
async def test_a_source_tells_where_it_is_and_how_it_proves_itself(
    gateway: Gateway, upstreams: Upstreams, source: str
) -> None:
    """The address is the configured one, perhaps with what the kind appends to it."""
    running = await upstreams.get(IDS[source])

    answer = await gateway.unary(GetSourceRequest(source=source))

    connection = answer.source.connection
    assert connection.address.startswith(running.base_url)
    assert connection.credential_scheme == (await tables(upstreams))[source]["auth"]["scheme"]


async def test_all_sources_are_told_as_each_one_is(gateway: Gateway) -> None:
    listed = await gateway.unary(ListSourcesRequest())

    assert list(listed.sources) == [
        (await gateway.unary(GetSourceRequest(source=source))).source for source in sorted(IDS)
    ]


@pytest.mark.parametrize("source", IDS)
async def test_a_check_costs_one_request(upstreams: Upstreams, source: str) -> None:
    """Also the first one of a gateway, which has found out nothing yet."""
    async with serving(await tables(upstreams)) as gateway:
        answer = await gateway.unary(CheckSourceRequest(source=source))

    assert 1 == answer.outcome.attempts
    assert 1 == (await upstreams.get(IDS[source])).control.asked


@pytest.mark.parametrize("source", IDS)
async def test_a_check_that_fails_says_what_to_do_and_leaves_its_trace(upstreams: Upstreams, source: str) -> None:
    control = (await upstreams.get(IDS[source])).control
    async with serving(await tables(upstreams)) as gateway:
        request = CheckSourceRequest(source=source)
        sound = await gateway.unary(request)
        control.faults.append(Fault(status=403))

        over_grpc = await gateway.unary(request)
        over_rest = from_json((await gateway.rest(request)).json(), CheckSourceResponse)
        told = await history(gateway, source)

    assert not sound.HasField("advice")
    assert (FAILED, "UPSTREAM_PERMISSION_REFUSED") == (over_grpc.outcome.state, reason(over_grpc.outcome.status))
    assert "`auth`" in over_grpc.advice
    assert (over_grpc.advice, over_grpc.connection) == (over_rest.advice, over_rest.connection)
    assert over_grpc.outcome.status == told.last_failure.status
    assert told.HasField("last_success_time")
    assert {1, 2} == {each.count for each in told.counts}
    assert 1 == told.recent_latency.count


@pytest.mark.parametrize("source", IDS)
async def test_drift_is_remembered_behind_the_answer_that_had_it(upstreams: Upstreams, source: str) -> None:
    control = (await upstreams.get(IDS[source])).control
    async with serving(await tables(upstreams)) as gateway:
        control.faults.append(Fault(mode="wrong-types"))
        await gateway.rest(ListMetricsRequest(sources=[source]))
        control.faults.clear()
        await gateway.unary(CheckSourceRequest(source=source))

        told = await history(gateway, source)

    assert DriftWarning.KIND_MISTYPED in {warning.kind for warning in told.drift}
