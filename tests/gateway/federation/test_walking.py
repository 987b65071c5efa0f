"""Walks over several sources at once, no faster than they are used."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from adapters.inquiry import Inquiry
from adapters.ports import EventsPage
from adapters.query import EventsQuestion
from gateway.federation import Federation
from gateway.federation.asking import Put
from gateway.federation.asks import Ask
from gateway.federation.events import plan_events
from gateway.federation.observation import Observation
from gateway.federation.walking import Arrival, walk
from tests.clock import START, VirtualClock, settle
from tests.fakes import FakeEvents, a_call, federation
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest
from unified.analytics.v1.outcome_pb2 import SourceOutcome

Walking = AsyncGenerator[Arrival | SourceOutcome]


def walking(asked: Federation) -> Walking:
    plan = plan_events(asked.sources, StreamEventsRequest(), START).plan
    return asked.walk(plan, a_call())


async def test_of_each_source_one_page_at_most_waits() -> None:
    """Whoever does not read stops all paging."""
    one, two = FakeEvents("one", 50, pages_of=5), FakeEvents("two", 50, pages_of=5)

    async with aclosing(walking(federation(one, two))) as pages:
        await anext(pages)
        await settle()
        assert [one.walks[0].pages, two.walks[0].pages] == [1, 1]

        await anext(pages)
        await settle()
        assert sorted([one.walks[0].pages, two.walks[0].pages]) == [1, 2]


def under_way() -> list[asyncio.Task[object]]:
    """The walks; other tests' servers have tasks of their own, which come and go on the same loop."""
    return [task for task in asyncio.all_tasks() if "_walk_one" in repr(task)]


async def test_who_stops_reading_closes_all_walks() -> None:
    one, two = FakeEvents("one", 50, pages_of=5), FakeEvents("two", 50, pages_of=5)

    async with aclosing(walking(federation(one, two))) as pages:
        await anext(pages)
        assert [] != under_way()

    assert one.walks[0].closed
    assert two.walks[0].closed
    assert [] == under_way()


async def test_a_reader_that_is_cancelled_closes_all_walks() -> None:
    docs = FakeEvents("docs", 50, pages_of=5)
    read = asyncio.Event()

    async def reader() -> None:
        async with aclosing(walking(federation(docs))) as pages:
            async for _ in pages:
                read.set()
                await asyncio.Event().wait()

    reading = asyncio.create_task(reader())
    await read.wait()
    reading.cancel()
    await asyncio.wait([reading])

    assert reading.cancelled()
    assert docs.walks[0].closed


async def test_a_walk_may_hold_a_timeout_across_its_pages() -> None:
    """It runs whole within one task, as timeouts and task groups need it."""

    class Careful(FakeEvents):
        async def walk(self, question: EventsQuestion, inquiry: Inquiry) -> AsyncGenerator[EventsPage]:
            async with asyncio.timeout(60), asyncio.TaskGroup(), aclosing(super().walk(question, inquiry)) as pages:
                async for page in pages:
                    yield page

    async with aclosing(walking(federation(Careful("docs", 20, pages_of=5)))) as pages:
        sizes = [len(found.page.events) async for found in pages if isinstance(found, Arrival)]

    assert sizes == [5, 5, 5, 5]


async def test_a_walk_ends_when_the_calls_time_is_over_however_slow_its_reader() -> None:
    clock = VirtualClock()
    docs = FakeEvents("docs", 50, pages_of=5)
    asked = federation(docs, clock=clock)
    plan = plan_events(asked.sources, StreamEventsRequest(), START).plan

    async with aclosing(asked.walk(plan, call := a_call(clock, seconds=10))) as pages:
        await anext(pages)
        await clock.advance(10)

        assert docs.walks[0].closed
    assert call.outcomes == []


async def test_a_fault_of_the_gateway_ends_the_walk_instead_of_holding_it_up() -> None:
    async def observe(ask: Ask, how: Put) -> Observation:
        raise ZeroDivisionError(ask, how)

    asks = plan_events(federation(FakeEvents("docs", 5)).sources, StreamEventsRequest(), START).plan.asks

    with pytest.raises(ZeroDivisionError):
        await anext(walk(asks, observe))
