"""What grpc.aio does to those who don't know it: each trap has a test that falls into it when the code does.

Here those of failures, cancellations and streams; those of serving are in `test_grpc_aio_traps_of_serving.py`.
"""

import ast
import asyncio
import contextlib
import inspect
from collections.abc import AsyncGenerator
from types import SimpleNamespace

import grpc
import pytest

from adapters.clock import SystemClock
from gateway.pipeline import Call
from gateway.pipeline.errors import NoSourceCanAnswerError
from gateway.rpc.handlers import Handlers
from tests.gateway.pipeline.fakes import ANSWER, fixture
from tests.gateway.rpc.calling import Endless, stream, unary
from tests.gateway.rpc.serving import served
from unified.analytics.v1.analytics_service_pb2 import (
    EventBatch,
    ListMetricsRequest,
    ListMetricsResponse,
    StreamEventsRequest,
    StreamEventsResponse,
)

# The text of an exception that a handler lets pass reaches the client.


async def test_the_text_of_an_unexpected_exception_stays_inside() -> None:
    async def break_down(_request: object, _call: Call) -> ListMetricsResponse:
        raise RuntimeError("the password is hunter2")

    under_test = fixture(list_metrics=break_down)
    async with served(under_test) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unary(channel)(ListMetricsRequest())

    assert grpc.StatusCode.INTERNAL == caught.value.code()
    assert "hunter2" not in repr(caught.value)
    assert 1 == len(under_test.logged("fault"))


async def test_the_text_of_an_unexpected_exception_in_a_stream_stays_inside() -> None:
    async def break_down(_request: object, _call: Call) -> AsyncGenerator[StreamEventsResponse]:
        yield StreamEventsResponse(batch=EventBatch())
        raise RuntimeError("the password is hunter2")

    under_test = fixture(stream_events=break_down)
    async with served(under_test) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            _ = [item async for item in stream(channel)(StreamEventsRequest())]

    assert grpc.StatusCode.INTERNAL == caught.value.code()
    assert "hunter2" not in repr(caught.value)
    assert 1 == len(under_test.logged("fault"))


async def test_an_answer_that_cannot_be_sent_is_internal_too() -> None:
    """It fails behind the pipeline: every exception is met at one outermost place."""

    async def answer_with_no_message(_request: object, _call: Call) -> object:
        return "hunter2"

    under_test = fixture(list_metrics=answer_with_no_message)
    async with served(under_test) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unary(channel)(ListMetricsRequest())

    assert grpc.StatusCode.INTERNAL == caught.value.code()
    assert "request id" in (caught.value.details() or "")
    assert 1 == len(under_test.logged("fault"))


# A CancelledError of the gateway's own that escapes a handler sends no status: the client waits for ever.


async def _await_what_was_cancelled() -> None:
    inner: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    inner.cancel()
    await inner


async def test_a_cancellation_inside_the_gateway_is_answered_not_left_hanging() -> None:
    async def cancelled(_request: object, _call: Call) -> ListMetricsResponse:
        await _await_what_was_cancelled()
        return ANSWER

    async with served(fixture(list_metrics=cancelled)) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unary(channel)(ListMetricsRequest())

    assert grpc.StatusCode.INTERNAL == caught.value.code()


async def test_a_cancellation_inside_a_stream_is_answered_not_left_hanging() -> None:
    async def cancelled(_request: object, _call: Call) -> AsyncGenerator[StreamEventsResponse]:
        yield StreamEventsResponse(batch=EventBatch())
        await _await_what_was_cancelled()

    async with served(fixture(stream_events=cancelled)) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            _ = [item async for item in stream(channel)(StreamEventsRequest())]

    assert grpc.StatusCode.INTERNAL == caught.value.code()


async def test_a_cancellation_behind_the_pipeline_is_answered_not_left_hanging() -> None:
    def encode() -> bytes:
        raise asyncio.CancelledError

    async def answer(_request: object, _call: Call) -> object:
        return SimpleNamespace(SerializeToString=encode)

    under_test = fixture(list_metrics=answer)
    async with served(under_test) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unary(channel)(ListMetricsRequest())

    assert grpc.StatusCode.INTERNAL == caught.value.code()


# A cancel of the client's that is swallowed is never let go of; one that is made up ends nothing.


async def test_a_client_that_leaves_cancels_the_service() -> None:
    started, left = asyncio.Event(), asyncio.Event()

    async def wait_for_ever(_request: object, _call: Call) -> ListMetricsResponse:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            left.set()
        raise AssertionError

    under_test = fixture(SystemClock(), list_metrics=wait_for_ever)
    async with served(under_test) as channel:
        call = unary(channel)(ListMetricsRequest())
        await started.wait()
        call.cancel()
        await left.wait()

    assert ["CANCELLED"] == [line["code"] for line in under_test.logged("call")]
    assert 0 == under_test.number("analytics_gateway_calls_in_flight", method="ListMetrics", transport="grpc")


async def test_a_clients_cancel_that_a_service_swallows_still_ends_the_call() -> None:
    started, swallowed = asyncio.Event(), asyncio.Event()

    async def swallow(_request: object, _call: Call) -> ListMetricsResponse:
        started.set()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        swallowed.set()
        return ANSWER

    under_test = fixture(SystemClock(), list_metrics=swallow)
    async with served(under_test) as channel:
        call = unary(channel)(ListMetricsRequest())
        await started.wait()
        call.cancel()
        await swallowed.wait()

    assert ["CANCELLED"] == [line["code"] for line in under_test.logged("call")]


async def test_a_client_that_leaves_while_an_item_is_being_sent_has_cancelled_and_nothing_is_at_fault() -> None:
    """The write fails with an error of gRPC's own, not with a CancelledError."""
    endless = Endless()
    under_test = fixture(SystemClock(), stream_events=endless)
    async with served(under_test) as channel:
        call = stream(channel)(StreamEventsRequest())
        await call.read()
        await endless.stuck()
        call.cancel()
        await endless.closed.wait()

    assert [] == under_test.logged("fault")
    assert ["CANCELLED"] == [line["code"] for line in under_test.logged("call")]


# `abort` raises: where that is caught, the call is aborted twice, and counted twice.


async def test_a_failed_call_is_aborted_once_and_its_abort_is_no_fault() -> None:
    async def fail(_request: object, _call: Call) -> ListMetricsResponse:
        raise NoSourceCanAnswerError("none")

    under_test = fixture(list_metrics=fail)
    async with served(under_test) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unary(channel)(ListMetricsRequest())

    assert grpc.StatusCode.FAILED_PRECONDITION == caught.value.code()
    assert ["call"] == [line["event"] for line in under_test.capture.entries]


def test_calls_of_the_contract_are_aborted_in_one_place() -> None:
    tree = ast.parse(inspect.getsource(inspect.getmodule(Handlers) or Handlers))
    aborts = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr == "abort"]

    assert 1 == len(aborts)


# gRPC does not close the generator of a stream that ends early.


async def test_a_client_that_leaves_a_stream_closes_the_services_generator() -> None:
    endless = Endless()
    async with served(fixture(SystemClock(), stream_events=endless)) as channel:
        call = stream(channel)(StreamEventsRequest())
        await call.read()
        call.cancel()
        await endless.closed.wait()


async def test_an_item_that_cannot_be_sent_closes_the_services_generator() -> None:
    closed = asyncio.Event()

    async def no_message(_request: object, _call: Call) -> AsyncGenerator[object]:
        try:
            yield "hunter2"
            yield "hunter2"
        finally:
            closed.set()

    async with served(fixture(stream_events=no_message)) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            _ = [item async for item in stream(channel)(StreamEventsRequest())]
        await closed.wait()

    assert grpc.StatusCode.INTERNAL == caught.value.code()
