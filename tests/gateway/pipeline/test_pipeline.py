"""How a call ends, whatever happens within it, and what is recorded of it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator
from contextlib import aclosing

import grpc
import pytest
from google.protobuf.message import Message

from gateway.pipeline import Call, DeadlinePolicy, Failure, Pipeline
from gateway.pipeline.errors import InvalidRequestError, NoSourceCanAnswerError
from tests.clock import VirtualClock, settle
from tests.gateway.pipeline.fakes import ANSWER, CONTRACT, LIST_METRICS, STREAM_EVENTS, Fixture, fixture, two_batches
from unified.analytics.v1.analytics_service_pb2 import (
    EventBatch,
    ListMetricsRequest,
    ListMetricsResponse,
    StreamEventsRequest,
    StreamEventsResponse,
)
from unified.analytics.v1.outcome_pb2 import PART_METRICS, SourceOutcome


async def ask(under_test: Fixture, request: Message | None = None) -> Message:
    call = under_test.pipeline.call(LIST_METRICS, transport="grpc", request_id="id-1")
    reply = await under_test.pipeline.unary(LIST_METRICS, request or ListMetricsRequest(), call)
    return reply.message


def open_stream(under_test: Fixture) -> AsyncGenerator[Message]:
    call = under_test.pipeline.call(STREAM_EVENTS, transport="rest")
    return under_test.pipeline.stream(STREAM_EVENTS, StreamEventsRequest(), call)


async def hang(_request: object, _call: Call) -> ListMetricsResponse:
    await asyncio.Event().wait()
    return ANSWER


async def test_an_answered_call_is_one_log_line_with_its_outcomes() -> None:
    async def answer(_request: object, call: Call) -> ListMetricsResponse:
        call.outcomes = [SourceOutcome(source="crm", part=PART_METRICS, state=SourceOutcome.STATE_ANSWERED)]
        await clock.advance(0.0421)
        return ANSWER

    clock = VirtualClock()
    under_test = fixture(clock, list_metrics=answer)

    assert ANSWER == await ask(under_test)

    (line,) = under_test.capture.entries
    assert {
        "event": "call",
        "log_level": "info",
        "method": "ListMetrics",
        "transport": "grpc",
        "code": "OK",
        "duration_ms": 42.1,
        "overhead_ms": 42.1,
        "outcomes": {"crm/metrics": "answered"},
        "request_id": "id-1",
    } == line


async def test_calls_and_outcomes_are_counted() -> None:
    async def answer(_request: object, call: Call) -> ListMetricsResponse:
        call.outcomes = [SourceOutcome(source="crm", part=PART_METRICS, state=SourceOutcome.STATE_FAILED)]
        return ANSWER

    under_test = fixture(list_metrics=answer)
    await ask(under_test)
    await ask(under_test)

    labels = {"method": "ListMetrics", "transport": "grpc"}
    assert 2 == under_test.number("analytics_gateway_calls_total", code="OK", **labels)
    assert 2 == under_test.number("analytics_gateway_call_overhead_seconds_count", **labels)
    assert 0 == under_test.number("analytics_gateway_calls_in_flight", **labels)
    labels = {"source": "crm", "part": "metrics", "state": "failed"}
    assert 2 == under_test.number("analytics_gateway_source_outcomes_total", **labels)


async def test_a_call_under_way_is_counted_as_in_flight() -> None:
    under_test = fixture(list_metrics=hang)
    task = asyncio.create_task(ask(under_test))
    await settle()

    assert 1 == under_test.number("analytics_gateway_calls_in_flight", method="ListMetrics", transport="grpc")

    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_a_refused_call_is_logged_with_its_reason() -> None:
    async def refuse(_request: object, _call: Call) -> ListMetricsResponse:
        raise NoSourceCanAnswerError("none")

    under_test = fixture(list_metrics=refuse)
    with pytest.raises(Failure) as caught:
        await ask(under_test)

    (line,) = under_test.logged("call")
    assert grpc.StatusCode.FAILED_PRECONDITION == caught.value.code
    assert ("FAILED_PRECONDITION", "NO_SOURCE_CAN_ANSWER") == (line["code"], line["reason"])


async def test_an_invalid_request_never_reaches_the_service() -> None:
    reached = []

    async def note(request: object, _call: Call) -> ListMetricsResponse:
        reached.append(request)
        return ANSWER

    with pytest.raises(Failure) as caught:
        await ask(fixture(list_metrics=note), ListMetricsRequest(sources=["Not An Id"]))

    assert grpc.StatusCode.INVALID_ARGUMENT == caught.value.code
    assert [] == reached


async def test_an_unexpected_exception_is_told_as_internal_and_logged_with_its_place() -> None:
    async def break_down(_request: object, _call: Call) -> ListMetricsResponse:
        raise KeyError("hunter2")

    under_test = fixture(list_metrics=break_down)
    with pytest.raises(Failure) as caught:
        await ask(under_test)

    (fault,) = under_test.logged("fault")
    assert grpc.StatusCode.INTERNAL == caught.value.code
    assert "hunter2" not in str(caught.value.status)
    assert ("id-1", "error") == (fault["request_id"], fault["log_level"])
    assert isinstance(fault["exc_info"], KeyError)


async def test_the_deadline_ends_a_call_that_hangs() -> None:
    clock = VirtualClock()
    under_test = fixture(clock, DeadlinePolicy(default=10), list_metrics=hang)
    task = asyncio.create_task(ask(under_test))
    await settle()

    await clock.advance(9.9)
    assert not task.done()
    await clock.advance(0.2)

    with pytest.raises(Failure) as caught:
        await task
    assert grpc.StatusCode.DEADLINE_EXCEEDED == caught.value.code


async def test_a_cancelled_call_is_logged_and_stays_cancelled() -> None:
    under_test = fixture(list_metrics=hang)
    task = asyncio.create_task(ask(under_test))
    await settle()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ["CANCELLED"] == [line["code"] for line in under_test.logged("call")]


async def test_a_call_that_grpc_cancels_when_the_clients_time_is_up_is_logged_as_such() -> None:
    clock = VirtualClock()
    under_test = fixture(clock, list_metrics=hang)
    task = asyncio.create_task(ask(under_test))
    await settle()
    task.cancel()
    await clock.advance(10)
    await asyncio.gather(task, return_exceptions=True)

    assert ["DEADLINE_EXCEEDED"] == [line["code"] for line in under_test.logged("call")]


async def test_a_cancellation_from_within_is_a_fault_and_no_cancellation() -> None:
    async def await_what_was_cancelled(_request: object, _call: Call) -> ListMetricsResponse:
        inner: asyncio.Future[ListMetricsResponse] = asyncio.get_running_loop().create_future()
        inner.cancel()
        return await inner

    under_test = fixture(list_metrics=await_what_was_cancelled)
    with pytest.raises(Failure) as caught:
        await ask(under_test)

    assert grpc.StatusCode.INTERNAL == caught.value.code
    assert 1 == len(under_test.logged("fault"))


async def test_a_cancellation_that_a_service_swallows_ends_the_call_all_the_same() -> None:
    async def swallow(_request: object, _call: Call) -> ListMetricsResponse:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        return ANSWER

    under_test = fixture(list_metrics=swallow)
    task = asyncio.create_task(ask(under_test))
    await settle()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task
    assert ["CANCELLED"] == [line["code"] for line in under_test.logged("call")]


async def test_a_stream_is_one_log_line_when_it_has_ended() -> None:
    under_test = fixture()
    async with aclosing(open_stream(under_test)) as responses:
        items = [item async for item in responses]

    assert 3 == len(items)
    assert [("StreamEvents", "OK")] == [(line["method"], line["code"]) for line in under_test.logged("call")]


async def test_a_closed_stream_closes_the_services_and_counts_as_cancelled() -> None:
    closed = []

    async def note_the_end(request: StreamEventsRequest, call: Call) -> AsyncGenerator[StreamEventsResponse]:
        try:
            async for item in two_batches(request, call):
                yield item
        finally:
            closed.append("closed")

    under_test = fixture(stream_events=note_the_end)
    async with aclosing(open_stream(under_test)) as responses:
        await anext(responses)

    assert ["closed"] == closed
    assert ["CANCELLED"] == [line["code"] for line in under_test.logged("call")]


async def test_a_stream_that_breaks_after_some_items_ends_with_a_failure() -> None:
    async def break_down(_request: object, _call: Call) -> AsyncGenerator[StreamEventsResponse]:
        yield StreamEventsResponse(batch=EventBatch())
        raise NoSourceCanAnswerError("gone")

    under_test = fixture(stream_events=break_down)
    async with aclosing(open_stream(under_test)) as responses:
        await anext(responses)
        with pytest.raises(Failure):
            await anext(responses)


async def test_the_deadline_of_a_stream_strikes_while_it_waits_for_an_item_not_while_its_reader_works() -> None:
    async def first_then_hang(_request: object, _call: Call) -> AsyncGenerator[StreamEventsResponse]:
        yield StreamEventsResponse(batch=EventBatch())
        await asyncio.Event().wait()

    clock = VirtualClock()
    under_test = fixture(clock, DeadlinePolicy(longest_stream=100), stream_events=first_then_hang)
    async with aclosing(open_stream(under_test)) as responses:
        await anext(responses)
        await clock.advance(101)  # the reader is slow, and is not disturbed
        with pytest.raises(Failure) as caught:
            await anext(responses)

    assert grpc.StatusCode.DEADLINE_EXCEEDED == caught.value.code


async def test_a_call_that_its_front_could_not_read_is_recorded_too() -> None:
    under_test = fixture()
    call = under_test.pipeline.call(LIST_METRICS, transport="rest", request_id="id-9")

    failure = under_test.pipeline.refuse(call, InvalidRequestError())

    assert grpc.StatusCode.INVALID_ARGUMENT == failure.code
    assert ["id-9"] == [line["request_id"] for line in under_test.logged("call")]


def test_a_service_that_lacks_a_method_stops_the_start() -> None:
    services = dict.fromkeys(CONTRACT.services, object())
    clock = VirtualClock()

    with pytest.raises(AttributeError, match="get_overview"):
        Pipeline(CONTRACT, services, clock=clock, deadlines=DeadlinePolicy(), telemetry=fixture().telemetry)
