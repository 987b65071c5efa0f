"""What is remembered of a source whose events are walked over."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta

import pytest

from adapters.inquiry import Inquiry
from adapters.ports import EventsPage
from adapters.query import EventsQuestion
from gateway.federation.events import plan_events
from gateway.pipeline.errors import SourcesFailedError, SourcesTimedOutError
from tests.clock import START, VirtualClock
from tests.fakes import DeadEvents, FakeEvents, a_call, federation
from tests.gateway.federation.remembering import counted
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest


class SlowPages(FakeEvents):
    """Takes the clock along with each page."""

    def __init__(self, id: str, count: int, clock: VirtualClock, pages_of: int) -> None:  # noqa: A002 - what the port calls it
        super().__init__(id, count, pages_of=pages_of)
        self._clock = clock

    async def walk(self, question: EventsQuestion, inquiry: Inquiry) -> AsyncGenerator[EventsPage]:
        async with aclosing(super().walk(question, inquiry)) as pages:
            async for page in pages:
                yield page
                await self._clock.advance(60)


async def test_each_page_of_a_walk_shows_that_the_upstream_is_alive() -> None:
    """A stream may go on for an hour; what is under way is neither a success nor a failure yet."""
    clock = VirtualClock()
    asked = federation(SlowPages("docs", 50, clock, pages_of=5), clock=clock)
    plan = plan_events(asked.sources, StreamEventsRequest(), START).plan

    async with aclosing(asked.walk(plan, a_call(clock, seconds=10_000))) as pages:
        for _ in range(3):
            await anext(pages)
    left = asked.history("docs")

    assert left.last_success_time.ToDatetime(START.tzinfo) == START + timedelta(seconds=2 * 60)
    assert counted(left) == {}


async def test_a_walk_counts_once_and_not_as_the_latency_of_an_answer() -> None:
    """How long it took was up to its reader."""
    asked = federation(FakeEvents("docs", 50, pages_of=5))
    plan = plan_events(asked.sources, StreamEventsRequest(), START).plan

    async with aclosing(asked.walk(plan, a_call())) as pages:
        async for _ in pages:
            pass

    history = asked.history("docs")
    assert counted(history) == {"ANSWERED": 1}
    assert not history.HasField("recent_latency")


async def test_a_walk_that_breaks_off_is_a_failure() -> None:
    asked = federation(DeadEvents("docs", 5))
    plan = plan_events(asked.sources, StreamEventsRequest(), START).plan

    with pytest.raises(SourcesFailedError):
        async for _ in asked.walk(plan, a_call()):
            pass

    assert counted(asked.history("docs")) == {"FAILED": 1}


async def test_a_reader_who_takes_longer_than_the_call_is_no_failure_of_the_source() -> None:
    clock, docs = VirtualClock(), FakeEvents("docs", 50, pages_of=5)
    asked = federation(docs, clock=clock)
    plan = plan_events(asked.sources, StreamEventsRequest(), START).plan
    call = a_call(clock, seconds=10)

    async with aclosing(asked.walk(plan, call)) as pages:
        await anext(pages)
        await clock.advance(10)
        with pytest.raises(SourcesTimedOutError):
            await anext(pages)

    history = asked.history("docs")
    assert ["read faster" in outcome.status.message for outcome in call.outcomes] == [True]
    assert counted(history) == {}
    assert history.HasField("last_success_time")
    assert not history.HasField("last_failure")
