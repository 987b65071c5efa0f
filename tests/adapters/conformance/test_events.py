"""What every source of single events owes: pages that follow each other, and a walk along all of them."""

from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from adapters.errors import InvalidPositionError
from adapters.inquiry import Inquiry
from adapters.ports import EventsPage, EventsSource
from adapters.query import CountQuestion, EventOrder, EventsQuestion
from tests.adapters.conformance.offering import offering
from tests.adapters.conformance.questions import WINDOW
from tests.clock import VirtualClock
from tests.running import Running, inquire

SIZE = 60


def ask(running: Running) -> Inquiry:
    return inquire(running.adapter.kind, VirtualClock(flowing=True))


@pytest.fixture
async def source(running: Running) -> AsyncIterator[EventsSource]:
    async with running.open(VirtualClock(flowing=True)) as source:
        assert isinstance(source, EventsSource)
        yield source


async def walk(source: EventsSource, running: Running, position: str | None = None) -> list[EventsPage]:
    question = EventsQuestion(window=WINDOW, position=position)
    async with aclosing(source.walk(question, ask(running))) as pages:
        return [page async for page in pages]


def ids(*pages: EventsPage) -> list[str]:
    return [event.id for page in pages for event in page.events]


@offering(EventsSource)
async def test_a_walk_meets_every_event_once_the_oldest_first(source: EventsSource, running: Running) -> None:
    pages = await walk(source, running)
    times = [event.event_time.ToNanoseconds() for page in pages for event in page.events]
    assert sorted(times) == times
    assert len(ids(*pages)) == len(set(ids(*pages))) > 100
    assert all(page.events for page in pages[1:])


@offering(EventsSource)
async def test_there_are_as_many_events_as_a_walk_meets(source: EventsSource, running: Running) -> None:
    count = await source.count(CountQuestion(window=WINDOW), ask(running))
    assert running.adapter.kind == count.source
    assert len(ids(*await walk(source, running))) == count.count


@offering(EventsSource)
async def test_pages_follow_each_other_to_the_same_end_as_a_walk(source: EventsSource, running: Running) -> None:
    walked = ids(*await walk(source, running))
    for order, expected in ((EventOrder.OLDEST_FIRST, walked), (EventOrder.NEWEST_FIRST, walked[::-1])):
        assert expected == await paged(source, order, running), order


async def paged(source: EventsSource, order: EventOrder, running: Running) -> list[str]:
    """The ids of all events, page by page."""
    found: list[str] = []
    position = None
    while True:
        question = EventsQuestion(window=WINDOW, order=order, size=SIZE, position=position)
        page = await source.events(question, ask(running))
        found += ids(page)
        position = page.position_after(len(page.events))
        assert len(page.events) <= SIZE
        if position is None:
            return found
        assert page.events
        assert position.isascii()
        assert len(position) <= 200


@offering(EventsSource)
async def test_a_page_can_be_left_at_any_of_its_events(source: EventsSource, running: Running) -> None:
    page, *_rest = pages = await walk(source, running)
    walked = ids(*pages)
    first = await source.events(EventsQuestion(window=WINDOW, size=SIZE), ask(running))
    for taken in (1, SIZE // 2, SIZE - 1):
        question = EventsQuestion(window=WINDOW, size=SIZE, position=first.position_after(taken))
        following = ids(await source.events(question, ask(running)))
        assert following
        assert walked[taken : taken + len(following)] == following
    assert walked[7:] == ids(*await walk(source, running, page.position_after(7)))


@offering(EventsSource)
@pytest.mark.parametrize("position", ["", "x", "1.2.3", "9" * 200, "\x00"])
async def test_a_position_that_it_never_gave_out_is_the_callers_fault(
    source: EventsSource, running: Running, position: str
) -> None:
    question = EventsQuestion(window=WINDOW, position=position)
    with pytest.raises(InvalidPositionError):
        await source.events(question, ask(running))
    with pytest.raises(InvalidPositionError):
        await walk(source, running, position)
    assert 0 == running.control.asked


@offering(EventsSource)
async def test_the_window_is_told_as_the_upstream_echoed_it(source: EventsSource, running: Running) -> None:
    page = await source.events(EventsQuestion(window=WINDOW, size=1), ask(running))
    (walked, *_rest) = await walk(source, running)
    assert {running.adapter.kind} == {page.window.source, walked.window.source}
    for told in (page.window, walked.window):
        assert told.start_time.ToNanoseconds() < told.end_time.ToNanoseconds()
