"""Streams over a real channel: whole ones, broken ones, and readers that are slow, late or gone."""

from collections.abc import AsyncGenerator

import grpc
import pytest

from adapters.clock import SystemClock
from gateway.pipeline import Call, DeadlinePolicy
from gateway.pipeline.errors import NoSourceCanAnswerError
from tests.clock import VirtualClock
from tests.gateway.pipeline.fakes import fixture
from tests.gateway.rpc.calling import Endless, stream
from tests.gateway.rpc.serving import served
from unified.analytics.v1.analytics_service_pb2 import EventBatch, StreamEventsRequest, StreamEventsResponse


async def test_a_stream_delivers_every_item_and_ends() -> None:
    async with served(fixture()) as channel:
        items = [item async for item in stream(channel)(StreamEventsRequest())]

    assert ["batch", "batch", "end"] == [item.WhichOneof("item") for item in items]


async def test_a_failing_stream_delivers_what_it_had_and_then_the_error() -> None:
    async def one_batch(_request: object, _call: Call) -> AsyncGenerator[StreamEventsResponse]:
        yield StreamEventsResponse(batch=EventBatch(resume_token="one"))
        raise NoSourceCanAnswerError("no more")

    async with served(fixture(stream_events=one_batch)) as channel:
        call = stream(channel)(StreamEventsRequest())
        first = await call.read()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call.read()

    assert isinstance(first, StreamEventsResponse)
    assert "one" == first.batch.resume_token
    assert grpc.StatusCode.FAILED_PRECONDITION == caught.value.code()


async def test_a_reader_that_stops_stops_the_service() -> None:
    """Flow control reaches the generator: it makes only a little more than the buffers hold."""
    endless = Endless()
    async with served(fixture(SystemClock(), stream_events=endless)) as channel:
        call = stream(channel)(StreamEventsRequest())
        await call.read()
        await endless.stuck()
        call.cancel()

    assert endless.made < 1000


async def test_a_reader_that_stops_holds_the_service_no_longer_than_until_the_deadline() -> None:
    """Its connection is alive, and it has named no deadline of its own."""
    endless, clock = Endless(), VirtualClock()
    under_test = fixture(clock, DeadlinePolicy(longest_stream=100), stream_events=endless)
    async with served(under_test) as channel:
        items = aiter(stream(channel)(StreamEventsRequest()))
        await anext(items)
        await endless.stuck()
        await clock.advance(101)
        await endless.closed.wait()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            _ = [item async for item in items]

    assert grpc.StatusCode.DEADLINE_EXCEEDED == caught.value.code()
    assert ["DEADLINE_EXCEEDED"] == [line["code"] for line in under_test.logged("call")]
