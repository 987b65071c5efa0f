"""Reading events page after page: to the end and no further, each once, and never in circles."""

import asyncio
import json
import re
import tracemalloc
from contextlib import aclosing
from datetime import UTC, timedelta
from functools import partial

import pytest

from adapters.drift import MOST_FIELDS, DriftKind
from adapters.errors import (
    InconsistentPagesError,
    InvalidPositionError,
    InvalidResponseError,
    ResponseTooLargeError,
    SourceError,
)
from adapters.query import EventOrder, EventsQuestion, Window
from adapters.simulation import Control, Fault
from tests.adapters.fluidtopics.portal import WEEK, Portal, portal
from tests.running import Running
from unified.analytics.v1.event_pb2 import Event

BOTH = pytest.mark.parametrize("order", list(EventOrder))


def has_been_asked(times: int, control: Control) -> bool:
    return control.asked >= times


async def test_a_walk_tells_each_event_once_from_the_oldest_on(running: Running) -> None:
    async with running.open(per_page=50) as source:
        docs = portal(source, running.control)
        events = await docs.walk()
        assert await docs.count() == len(events) > 300
    times = [event.event_time.ToMilliseconds() for event in events]
    assert sorted(times) == times
    assert len({event.id for event in events}) == len(events)


async def test_a_walk_is_from_the_oldest_on_even_if_asked_otherwise(docs: Portal) -> None:
    question = EventsQuestion(window=WEEK, order=EventOrder.NEWEST_FIRST)
    async with aclosing(docs.source.walk(question, docs.inquiry)) as pages:
        first = await anext(pages)
    assert first.events[0].event_time.ToMilliseconds() < first.events[-1].event_time.ToMilliseconds()


async def test_a_walk_asks_for_no_page_behind_the_last(running: Running) -> None:
    async with running.open(per_page=100, prefetch_pages=4) as source:
        docs = portal(source, running.control)
        events = await docs.walk()
    assert -(-len(events) // 100) == running.control.asked == docs.inquiry.attempts


@pytest.mark.parametrize("ahead", [0, 1, 3])
async def test_a_slow_reader_stops_the_reading_ahead(running: Running, ahead: int) -> None:
    async with running.open(per_page=10, prefetch_pages=ahead) as source:
        docs = portal(source, running.control)
        async with aclosing(docs.source.walk(EventsQuestion(window=WEEK), docs.inquiry)) as pages:
            for used in (1, 2, 3):
                await anext(pages)
                asked = used + ahead
                await running.control.until(partial(has_been_asked, asked))
                # Whatever else it might ask for, it would ask for now.
                await docs.source.check(docs.inquiry)
                running.control.asked -= 1
                assert asked == running.control.asked


async def test_a_reader_who_leaves_closes_the_request_in_flight(running: Running) -> None:
    async with running.open(per_page=10) as source:
        docs = portal(source, running.control)
        async with aclosing(docs.source.walk(EventsQuestion(window=WEEK), docs.inquiry)) as pages:
            running.control.faults.append(Fault(times=1))
            running.control.faults.append(Fault(mode="hang"))
            await anext(pages)
            await running.control.until(lambda control: control.asked == 2)
        await running.control.until(lambda control: control.closed_early == 1)


@pytest.mark.parametrize("ahead", [0, 2])
async def test_a_reader_who_is_cancelled_leaves_neither_a_task_nor_a_request(running: Running, ahead: int) -> None:
    async with running.open(per_page=10, prefetch_pages=ahead) as source:
        docs = portal(source, running.control)
        running.control.faults.append(Fault(times=1))
        running.control.faults.append(Fault(mode="hang"))
        reading = asyncio.create_task(docs.walk())
        await running.control.until(lambda control: control.asked == 2)

        reading.cancel()

        with pytest.raises(asyncio.CancelledError):
            await reading
        assert [] == [task for task in asyncio.all_tasks() if "read_ahead" in repr(task) or "_fill" in repr(task)]
        await running.control.until(lambda control: control.closed_early == 1)


async def test_an_error_comes_after_the_pages_before_it(running: Running) -> None:
    async with running.open(per_page=50) as source:
        docs = portal(source, running.control)
        running.control.faults.append(Fault(times=2))
        running.control.faults.append(Fault(mode="not-json"))
        pages = docs.source.walk(EventsQuestion(window=WEEK), docs.inquiry)
        async with aclosing(pages):
            assert 50 == len((await anext(pages)).events)
            assert 50 == len((await anext(pages)).events)
            with pytest.raises(SourceError):
                await anext(pages)


@pytest.mark.parametrize("mode", ["repeat", "circle", "duplicate"])
async def test_pages_that_repeat_are_an_error_and_neither_an_endless_walk_nor_a_quiet_end(
    running: Running, mode: str
) -> None:
    async with running.open(per_page=40) as source:
        docs = portal(source, running.control)
        expected = await docs.walk()
        running.control.reset()
        running.control.switches["pages"] = mode
        with pytest.raises(InconsistentPagesError, match="repeats an earlier page"):
            await docs.walk()
    assert running.control.asked <= 4 * len(expected) // 40


@pytest.mark.parametrize("last_page", ["on", "off"])
@pytest.mark.parametrize("kept", [0, 49])
async def test_an_event_that_cannot_be_read_is_an_error_and_neither_a_gap_nor_a_quiet_end(
    running: Running, last_page: str, kept: int
) -> None:
    def with_junk(body: bytes) -> bytes:
        answer = json.loads(body)
        answer["results"] = [*answer["results"][:kept], *[17] * (50 - kept)]
        return json.dumps(answer).encode()

    running.control.switches["last_page"] = last_page
    running.control.rewrite = with_junk
    async with running.open(per_page=50) as source:
        with pytest.raises(InvalidResponseError, match="`results`"):
            await portal(source, running.control).walk()
    assert 1 == running.control.asked


async def test_where_too_much_departs_to_tell_what_an_event_may_be_among_it(docs: Portal) -> None:
    docs.plays({f"new{number}": 1 for number in range(MOST_FIELDS)} | {"offline": "no"})
    with pytest.raises(InvalidResponseError):
        await docs.walk()


async def test_a_last_page_that_is_text_does_not_end_a_walk_early(running: Running) -> None:
    async with running.open(per_page=50) as source:
        docs = portal(source, running.control)
        expected = await docs.walk()
        pages = running.control.asked

        def as_text(body: bytes) -> bytes:
            return re.sub(rb'"lastPage":(\w+)', rb'"lastPage":"\1"', body)

        running.control.rewrite = as_text
        assert expected == await docs.walk()
    assert [("paging.lastPage", DriftKind.MISTYPED, pages)] == docs.drift()


async def test_more_pages_than_allowed_are_an_error(running: Running) -> None:
    async with running.open(per_page=20, max_pages=3) as source:
        with pytest.raises(InconsistentPagesError, match="raise max_pages"):
            await portal(source, running.control).walk()


async def test_a_page_over_the_size_limit_is_an_error(running: Running) -> None:
    async with running.open(max_body_bytes=10_000) as source:
        with pytest.raises(ResponseTooLargeError):
            await portal(source, running.control).walk()


@BOTH
async def test_from_each_position_on_the_rest_follows(docs: Portal, order: EventOrder) -> None:
    everything = await docs.page(order=order, size=1000)
    position = None
    for _ in range(4):
        question = EventsQuestion(window=WEEK, order=order, size=30, position=position)
        page = await docs.source.events(question, docs.inquiry)
        place = list(everything).index(page.events[0])
        for count in (0, 1, len(page.events) - 1, len(page.events)):
            after = page.position_after(count)
            assert after is not None
            assert len(after) <= 200
            assert list(everything[place + count : place + count + 1]) == list(
                (await docs.page(order=order, size=30, position=after))[:1]
            )
        position = page.position_after(17)


async def test_a_page_is_empty_only_if_nothing_follows(docs: Portal) -> None:
    first, second, *_ = await docs.page()
    just_behind = Window(start=first.event_time.ToDatetime(UTC) + timedelta(milliseconds=1), end=WEEK.end)
    assert [second] == list(await docs.page(just_behind, size=1))
    assert 2 == docs.asked()["paging"]["page"]


async def test_behind_the_last_event_there_is_no_position(docs: Portal) -> None:
    page = await docs.source.events(EventsQuestion(window=WEEK, size=1000), docs.inquiry)
    assert page.position_after(len(page.events)) is None
    assert page.position_after(len(page.events) - 1) is not None


async def test_a_page_that_is_kept_keeps_no_more_than_its_own_events(docs: Portal) -> None:
    """The upstream's page is as large as the first that was asked for, and the cache counts what it can see."""
    first = await docs.source.events(EventsQuestion(window=WEEK, size=1000), docs.inquiry)
    wide = first.position_after(1)
    tracemalloc.start()
    try:
        kept = [
            await docs.source.events(EventsQuestion(window=WEEK, size=1, position=wide), docs.inquiry)
            for _ in range(20)
        ]
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert {1} == {len(page.events) for page in kept}
    assert taken / len(kept) < 60_000 < sum(map(Event.ByteSize, first.events)) / 2


async def test_a_smaller_size_on_the_way_loses_nothing(docs: Portal) -> None:
    everything = [event.id for event in await docs.walk()]
    found, position = [], None
    for size in (50, 20, 1000, 7, 50):
        page = await docs.source.events(EventsQuestion(window=WEEK, size=size, position=position), docs.inquiry)
        assert 0 < len(page.events) <= size
        found += [event.id for event in page.events]
        position = page.position_after(len(page.events))
    assert everything[: len(found)] == found
    assert 50 == docs.asked()["paging"]["perPage"]


async def test_a_walk_goes_on_from_a_position(running: Running) -> None:
    async with running.open(per_page=64) as source:
        docs = portal(source, running.control)
        everything = await docs.walk()
        async with aclosing(docs.source.walk(EventsQuestion(window=WEEK), docs.inquiry)) as pages:
            await anext(pages)
            position = (await anext(pages)).position_after(10)
        rest = EventsQuestion(window=WEEK, position=position)
        async with aclosing(docs.source.walk(rest, docs.inquiry)) as pages:
            assert everything[74:] == [event async for page in pages for event in page.events]


@pytest.mark.parametrize("size", [60, 59, 10])
async def test_events_that_were_indexed_late_do_not_repeat_others_behind_a_position(docs: Portal, size: int) -> None:
    """The simulated portal shifts each page but the first by two events, as events that are indexed late would."""
    everything = [event.id for event in await docs.walk()]
    page = await docs.source.events(EventsQuestion(window=WEEK, size=60), docs.inquiry)
    docs.control.switches["pages"] = "shift"
    behind = [event.id for event in await docs.page(size=60, position=page.position_after(size))]
    assert everything[size : size + len(behind)] == behind
    assert behind


@pytest.mark.parametrize(
    "position",
    [
        "",
        "2.1.0.10.1773835200.-.x",
        "1.0.0.10.1773835200.-.x",
        "1.1.11.10.1773835200.-.x",
        "1.1.0.0.1773835200.-.x",
        "1.1.0.10.1573835200.-.x",
        "1.1.0.10.1993835200.-.x",
        "1.1.0.10.1773835200.x.x",
        "1.99999999.0.10.1773835200.-.x",
        "1.1.0.10.1773835200.-.x\n",
        "1.1.0.10.1773835200.-",
        "1.1.0.10.1773835200.-.1e3",
        "1.\u0661.0.10.1773835200.-.x",
        "x" * 10_000,
    ],
)
async def test_a_position_that_was_not_given_out_is_the_callers_fault(docs: Portal, position: str) -> None:
    with pytest.raises(InvalidPositionError):
        await docs.page(position=position)
    question = EventsQuestion(window=WEEK, position=position)
    with pytest.raises(InvalidPositionError):
        await anext(docs.source.walk(question, docs.inquiry))
    assert 0 == docs.control.asked


async def test_a_portal_that_repeats_its_first_page_is_noticed_from_one_call_to_the_next(docs: Portal) -> None:
    docs.control.switches["pages"] = "repeat"
    first = await docs.source.events(EventsQuestion(window=WEEK, size=20), docs.inquiry)
    with pytest.raises(InconsistentPagesError):
        await docs.page(size=20, position=first.position_after(20))
