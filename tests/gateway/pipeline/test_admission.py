"""Who is let in while many are, and that what tells of the gateway itself always answers."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import aiohttp
import grpc
import pytest
from aiohttp import web
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from gateway.pipeline import Call, Failure
from gateway.pipeline.errors import InvalidRequestError
from gateway.rest import build_app, build_http_server
from tests.clock import VirtualClock
from tests.gateway.pipeline.fakes import ANSWER, CONTRACT, LIST_METRICS, STREAM_EVENTS, Fixture, Keeping, small_fixture
from tests.gateway.rpc.serving import served
from unified.analytics.v1.analytics_service_pb2 import (
    EventBatch,
    ListMetricsRequest,
    ListMetricsResponse,
    StreamEventsRequest,
    StreamEventsResponse,
)


class Held:
    """A service that answers when it is let."""

    def __init__(self) -> None:
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def __call__(self, _request: object, _call: Call) -> ListMetricsResponse:
        self.entered.set()
        await self.release.wait()
        return ANSWER


def arrived(under_test: Fixture) -> Call:
    return under_test.pipeline.call(LIST_METRICS, transport="grpc", request_id="id-1")


async def ask(under_test: Fixture) -> None:
    await under_test.pipeline.unary(LIST_METRICS, ListMetricsRequest(), arrived(under_test))


async def refused(under_test: Fixture) -> Failure:
    with pytest.raises(Failure) as caught:
        await ask(under_test)
    return caught.value


async def full(held: Held) -> tuple[Fixture, "asyncio.Task[None]"]:
    """A gateway for one call, and that call."""
    under_test = small_fixture(1, list_metrics=held)
    task = asyncio.create_task(ask(under_test))
    await held.entered.wait()
    return under_test, task


async def test_a_call_too_many_is_refused_at_once_and_told_when_to_come_back() -> None:
    held = Held()
    under_test, task = await full(held)

    failure = await refused(under_test)
    held.release.set()
    await task

    info, retry = ErrorInfo(), RetryInfo()
    assert failure.status.details[0].Unpack(info)
    assert failure.status.details[1].Unpack(retry)
    assert (grpc.StatusCode.RESOURCE_EXHAUSTED, "OVERLOADED") == (failure.code, info.reason)
    assert 1 == retry.retry_delay.seconds
    assert ["OVERLOADED", None] == [line.get("reason") for line in under_test.logged("call")]


async def test_the_place_of_a_call_that_has_ended_is_free() -> None:
    held = Held()
    under_test, task = await full(held)
    held.release.set()
    await task

    await ask(under_test)


async def test_a_call_that_failed_or_was_cancelled_leaves_its_place() -> None:
    held = Held()
    under_test, task = await full(held)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    invalid = ListMetricsRequest(sources=["Not An Id"])
    with pytest.raises(Failure, match="INVALID_ARGUMENT"):
        await under_test.pipeline.unary(LIST_METRICS, invalid, arrived(under_test))
    held.release.set()

    await ask(under_test)


async def test_a_stream_takes_a_place_until_it_is_closed() -> None:
    async def endless(_request: object, _call: Call) -> AsyncGenerator[StreamEventsResponse]:
        while True:
            yield StreamEventsResponse(batch=EventBatch())

    under_test = small_fixture(1, stream_events=endless)
    call = under_test.pipeline.call(STREAM_EVENTS, transport="rest")
    async with aclosing(under_test.pipeline.stream(STREAM_EVENTS, StreamEventsRequest(), call)) as items:
        await anext(items)
        failure = await refused(under_test)

    assert grpc.StatusCode.RESOURCE_EXHAUSTED == failure.code
    await ask(under_test)


async def test_a_call_that_is_still_being_read_takes_a_place_too() -> None:
    under_test = small_fixture(1)
    with under_test.pipeline.reading(arrived(under_test)):
        failure = await refused(under_test)

    assert grpc.StatusCode.RESOURCE_EXHAUSTED == failure.code
    await ask(under_test)


async def test_no_call_too_many_is_even_read() -> None:
    held = Held()
    under_test, task = await full(held)
    read = []
    with pytest.raises(Failure, match="RESOURCE_EXHAUSTED"), under_test.pipeline.reading(arrived(under_test)):
        read.append("read")
    held.release.set()
    await task

    assert [] == read
    assert ["OVERLOADED", None] == [line.get("reason") for line in under_test.logged("call")]


async def test_what_is_raised_while_a_call_is_being_read_is_left_to_its_front() -> None:
    under_test = small_fixture(1)
    with pytest.raises(InvalidRequestError), under_test.pipeline.reading(arrived(under_test)):
        raise InvalidRequestError

    assert [] == under_test.capture.entries
    await ask(under_test)


async def test_an_answer_at_hand_costs_less_than_a_refusal_and_is_given() -> None:
    clock, held = VirtualClock(), Held()
    keeping = Keeping(clock)

    async def keep_or_hold(request: ListMetricsRequest, call: Call) -> ListMetricsResponse:
        return await (held(request, call) if request.sources else keeping(request, call))

    under_test = small_fixture(1, clock, list_metrics=keep_or_hold)
    await under_test.pipeline.spelled(LIST_METRICS, b"", ListMetricsRequest, arrived(under_test))
    other = ListMetricsRequest(sources=["ai"])
    task = asyncio.create_task(under_test.pipeline.unary(LIST_METRICS, other, arrived(under_test)))
    await held.entered.wait()

    assert under_test.pipeline.at_hand(LIST_METRICS, b"", arrived(under_test)) is not None

    held.release.set()
    await task


async def test_the_gateway_is_idle_once_the_last_call_has_ended() -> None:
    held = Held()
    under_test, task = await full(held)
    idle = asyncio.create_task(under_test.pipeline.idle())
    held.release.set()

    await asyncio.gather(task, idle)


async def test_health_and_reflection_answer_when_no_call_is_taken() -> None:
    held = Held()
    under_test, task = await full(held)
    async with served(under_test) as channel:
        call: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(LIST_METRICS.path)
        with pytest.raises(grpc.aio.AioRpcError, match="takes no more"):
            await call(b"\xff\xff")  # which is not even read: it is no message
        check: grpc.aio.UnaryUnaryMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_unary(
            "/grpc.health.v1.Health/Check", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
        )
        health = await check(HealthCheckRequest())
        reflect: grpc.aio.StreamStreamMultiCallable[ServerReflectionRequest, ServerReflectionResponse] = (
            channel.stream_stream(
                "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
                ServerReflectionRequest.SerializeToString,
                ServerReflectionResponse.FromString,
            )
        )
        listed = await reflect(iter([ServerReflectionRequest(list_services="")])).read()
    held.release.set()
    await task

    assert HealthCheckResponse.SERVING == health.status
    assert isinstance(listed, ServerReflectionResponse)
    assert listed.list_services_response.service


async def test_probes_and_metrics_answer_when_no_call_is_taken() -> None:
    held = Held()
    under_test, task = await full(held)
    registry = under_test.telemetry.registry
    app = build_app(contract=CONTRACT, pipeline=under_test.pipeline, ready=lambda: True, registry=registry)
    runner = web.ServerRunner(build_http_server(app, max_connection_age=300), shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found = {}
    async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
        for path in ("/v1/metrics", "/healthz", "/readyz", "/metrics"):
            async with client.get(path) as response:
                found[path] = (response.status, response.headers.get("Retry-After"))
    held.release.set()
    await task
    await runner.cleanup()

    assert {
        "/v1/metrics": (429, "1"),
        "/healthz": (200, None),
        "/readyz": (200, None),
        "/metrics": (200, None),
    } == found
