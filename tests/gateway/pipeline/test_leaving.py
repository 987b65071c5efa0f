"""The partial answer leaves before its caller does; and when the caller leaves first, nobody is asked any longer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
import pytest

from adapters.inquiry import Inquiry
from gateway.pipeline import Call
from gateway.services import AnalyticsService
from tests.clock import VirtualClock
from tests.fakes import FakeSource, HangingSource, federation
from tests.gateway.pipeline.fakes import fixture
from tests.gateway.rest.serving import serving
from tests.gateway.rpc.calling import unary
from tests.gateway.rpc.serving import served
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse

ANSWERED, TIMED_OUT = "STATE_ANSWERED", "STATE_TIMED_OUT"
SECONDS = 30
"""What the clients of these tests allow, in real time; none of it passes."""


class Held(HangingSource):
    """Answers when it is let, and tells when it was sent away."""

    def __init__(self, id: str) -> None:  # noqa: A002 - what the port calls it
        super().__init__(id)
        self.release, self.gone = asyncio.Event(), asyncio.Event()

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        self.asked.append(question)
        self.hanging.set()
        try:
            await self.release.wait()
        except asyncio.CancelledError:
            self.gone.set()
            raise
        inquiry.attempts += 1
        inquiry.observed()


@dataclass(slots=True)
class Service:
    """`ListMetrics` over real sources and a clock that a test moves, with the calls that came and went."""

    clock: VirtualClock
    service: AnalyticsService
    came: asyncio.Queue[Call] = field(default_factory=asyncio.Queue)
    went: asyncio.Queue[Call] = field(default_factory=asyncio.Queue)

    async def __call__(self, request: ListMetricsRequest, call: Call) -> ListMetricsResponse:
        """Answer as the gateway does."""
        self.came.put_nowait(call)
        try:
            return await self.service.list_metrics(request, call)
        finally:
            self.went.put_nowait(call)

    async def until_answers_leave(self) -> None:
        """Let just so much time pass that the next call's answer has to leave."""
        call = await self.came.get()
        await self.clock.advance(call.leave_at() - self.clock.monotonic() + 0.001)
        assert not call.is_over()


def service_over(*sources: FakeSource) -> Service:
    clock = VirtualClock()
    return Service(clock, AnalyticsService(federation(*sources, clock=clock)))


Told = tuple[str, dict[str, str]]
"""What a client was told: a status, and the states by source."""
Ask = Callable[[], Awaitable[Told]]


@asynccontextmanager
async def over_grpc(service: Service) -> AsyncIterator[Ask]:
    async with served(fixture(service.clock, list_metrics=service)) as channel:

        async def ask() -> Told:
            call = unary(channel)(ListMetricsRequest(), timeout=SECONDS)
            try:
                answer = await call
            except grpc.aio.AioRpcError as error:
                return error.code().name, {}
            finally:
                call.cancel()
            return "OK", {found.source: type(found).State.Name(found.state) for found in answer.outcomes}

        yield ask


@asynccontextmanager
async def over_rest(service: Service) -> AsyncIterator[Ask]:
    async with serving(clock=service.clock, list_metrics=service) as front:

        async def ask() -> Told:
            headers = {"Request-Timeout": str(SECONDS)}
            async with front.client.get("/v1/metrics", headers=headers) as response:
                body: dict[str, Any] = await response.json(content_type=None)
            return str(response.status), {found["source"]: found["state"] for found in body.get("outcomes", [])}

        yield ask


Over = Callable[[Service], AbstractAsyncContextManager[Ask]]
both = pytest.mark.parametrize("over", [over_grpc, over_rest])


@both
async def test_what_is_there_leaves_before_the_caller_does(over: Over) -> None:
    service = service_over(FakeSource("ai", things=1), HangingSource("crm"))
    async with over(service) as ask:
        told = asyncio.ensure_future(ask())
        await service.until_answers_leave()

        _, states = await told

    assert {"ai": ANSWERED, "crm": TIMED_OUT} == states


@both
async def test_that_nobody_answered_in_time_is_told_before_the_caller_leaves(over: Over) -> None:
    service = service_over(HangingSource("ai"), HangingSource("crm"))
    async with over(service) as ask:
        told = asyncio.ensure_future(ask())
        await service.until_answers_leave()

        status, _ = await told

    assert status in {"DEADLINE_EXCEEDED", "504"}


@both
async def test_a_client_that_leaves_ends_what_was_asked_for_it(over: Over) -> None:
    ai, crm = Held("ai"), Held("crm")
    async with over(service_over(ai, crm)) as ask:
        told = asyncio.ensure_future(ask())
        await ai.hanging.wait()
        await crm.hanging.wait()
        told.cancel()

        await ai.gone.wait()
        await crm.gone.wait()


@both
async def test_a_client_that_leaves_does_not_end_what_another_waits_for_too(over: Over) -> None:
    source = Held("ai")
    service = service_over(source)
    async with over(service) as ask:
        first = asyncio.ensure_future(ask())
        await service.came.get()
        await source.hanging.wait()
        second = asyncio.ensure_future(ask())
        await service.came.get()
        first.cancel()
        await service.went.get()
        source.release.set()

        _, states = await second

    assert {"ai": ANSWERED} == states
    assert 1 == len(source.asked)
    assert not source.gone.is_set()
