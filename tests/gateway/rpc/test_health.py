"""grpc.health.v1, as load balancers ask it."""

from contextlib import aclosing

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse

from gateway.rpc import Health
from tests.gateway.pipeline.fakes import CONTRACT, fixture
from tests.gateway.rpc.serving import served

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING


async def check(channel: grpc.aio.Channel, service: str) -> HealthCheckResponse.ServingStatus:
    ask: grpc.aio.UnaryUnaryMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_unary(
        "/grpc.health.v1.Health/Check", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    return (await ask(HealthCheckRequest(service=service))).status


def watch(channel: grpc.aio.Channel, service: str) -> grpc.aio.UnaryStreamCall[HealthCheckRequest, HealthCheckResponse]:
    ask: grpc.aio.UnaryStreamMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_stream(
        "/grpc.health.v1.Health/Watch", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    return ask(HealthCheckRequest(service=service))


@pytest.mark.parametrize("service", ["", *CONTRACT.services])
async def test_the_whole_and_each_service_are_serving_until_the_stop(service: str) -> None:
    health = Health(CONTRACT.services)
    async with served(fixture(), health) as channel:
        before = await check(channel, service)
        health.stop_serving()
        after = await check(channel, service)

    assert (SERVING, NOT_SERVING) == (before, after)


async def test_a_service_that_is_not_served_is_not_found() -> None:
    async with served(fixture()) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await check(channel, "other.Service")

    assert grpc.StatusCode.NOT_FOUND == caught.value.code()


async def test_list_tells_of_everything_at_once() -> None:
    async with served(fixture()) as channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[HealthListRequest, HealthListResponse] = channel.unary_unary(
            "/grpc.health.v1.Health/List", HealthListRequest.SerializeToString, HealthListResponse.FromString
        )
        answer = await ask(HealthListRequest())

    assert dict.fromkeys(["", *CONTRACT.services], SERVING) == {
        name: status.status for name, status in answer.statuses.items()
    }


async def test_who_watches_hears_of_the_stop_and_is_let_go() -> None:
    health = Health(CONTRACT.services)
    async with served(fixture(), health) as channel:
        answers = aiter(watch(channel, ""))
        first = await anext(answers)
        health.stop_serving()
        rest = [answer.status async for answer in answers]

    assert [SERVING, NOT_SERVING] == [first.status, *rest]


async def test_a_stop_while_the_first_status_is_on_its_way_is_told_all_the_same() -> None:
    health = Health(CONTRACT.services)
    async with aclosing(health.watch(HealthCheckRequest(), None)) as states:
        first = await anext(states)
        health.stop_serving()
        rest = [state.status async for state in states]

    assert [SERVING, NOT_SERVING] == [first.status, *rest]


async def test_who_watches_an_unknown_service_is_told_so_and_may_wait() -> None:
    async with served(fixture()) as channel:
        call = watch(channel, "other.Service")
        first = await call.read()
        call.cancel()

    assert isinstance(first, HealthCheckResponse)
    assert HealthCheckResponse.SERVICE_UNKNOWN == first.status
