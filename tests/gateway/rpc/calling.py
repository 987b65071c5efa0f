"""The contract's methods as a client calls them, and a stream that has no end."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import grpc

from gateway.contract import Method
from gateway.pipeline import Call
from tests.gateway.pipeline.fakes import LIST_METRICS, STREAM_EVENTS
from unified.analytics.v1.analytics_service_pb2 import (
    EventBatch,
    ListMetricsRequest,
    ListMetricsResponse,
    StreamEventsRequest,
    StreamEventsResponse,
)


def unary(
    channel: grpc.aio.Channel, method: Method = LIST_METRICS
) -> grpc.aio.UnaryUnaryMultiCallable[ListMetricsRequest, ListMetricsResponse]:
    return channel.unary_unary(method.path, ListMetricsRequest.SerializeToString, ListMetricsResponse.FromString)


def stream(channel: grpc.aio.Channel) -> grpc.aio.UnaryStreamMultiCallable[StreamEventsRequest, StreamEventsResponse]:
    return channel.unary_stream(
        STREAM_EVENTS.path, StreamEventsRequest.SerializeToString, StreamEventsResponse.FromString
    )


@dataclass(slots=True)
class Endless:
    """A stream of items of 100 kB that nobody reads to its end, because it has none."""

    made: int = 0
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _request: object, _call: Call) -> AsyncGenerator[StreamEventsResponse]:
        try:
            while True:
                self.made += 1
                yield StreamEventsResponse(batch=EventBatch(resume_token="x" * 100_000))
        finally:
            self.closed.set()

    async def stuck(self) -> None:
        """Return once nothing more is made, because nothing more can be sent."""
        before = -1
        while before != self.made:
            before = self.made
            for _ in range(2000):
                await asyncio.sleep(0)
