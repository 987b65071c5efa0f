"""Judging pages: pure logic, without a portal."""

from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import InconsistentPagesError
from adapters.fluidtopics.client import EventsQuery
from adapters.fluidtopics.events.pages import PageJudge, is_last
from adapters.fluidtopics.events.position import Position
from adapters.fluidtopics.events.scan import Scan
from adapters.fluidtopics.events.walk import Walk
from adapters.fluidtopics.wire import Event, EventsAnswer, PagingEcho
from adapters.inquiry import Inquiry
from adapters.query import EventFilter, EventOrder
from tests.adapters.fluidtopics.portal import WEEK
from tests.clock import START, VirtualClock
from tests.running import inquire


def events(*ids: str | None) -> list[Event]:
    return [Event(id=id_, name="khub.search", datetime=1773800000000 + place) for place, id_ in enumerate(ids)]


def numbered(numbers: Sequence[int]) -> list[Event]:
    """Events whose numbers are their ids, and tell when they happened."""
    return [Event(id=str(number), name="khub.search", datetime=1773800000000 + number) for number in numbers]


def answer(results: list[Event], *, last_page: bool | None = None, per_page: int | None = None) -> EventsAnswer:
    paging = PagingEcho(last_page=last_page, per_page=per_page)
    return EventsAnswer(start_date=None, end_date=None, paging=paging, results=results)


class Shelf:
    """Plays a portal that holds certain ids, which may change between pages."""

    def __init__(self, ids: Sequence[int]) -> None:
        self.ids = list(ids)
        self.asked: list[int] = []

    async def events(self, query: EventsQuery, page: int, per_page: int, inquiry: Inquiry) -> EventsAnswer:  # noqa: ARG002 - as the port has it
        self.asked.append(page)
        end = page * per_page
        return answer(numbered(self.ids[end - per_page : end]), last_page=end >= len(self.ids))


def walk(shelf: Shelf, max_pages: int = 100) -> Walk:
    return Walk(client=shelf, window=WEEK, filter=EventFilter(), order=EventOrder.OLDEST_FIRST, max_pages=max_pages)


async def read(shelf: Shelf, position: Position) -> list[int]:
    return [
        int(event.id or "") async for leaf in walk(shelf).leaves(position, inquire("docs")) for event in leaf.events
    ]


def behind(ids: Sequence[int], count: int, per_page: int) -> Position:
    """The position behind the first so many of these."""
    page, offset = divmod(count - 1, per_page)
    begin = Position(page=page + 1, per_page=per_page, end=START)
    (last,) = numbered(ids[count - 1 : count])
    return begin.next_page(last) if offset + 1 == per_page else begin.behind(offset + 1, last)


@pytest.mark.parametrize(
    ("page", "expected"),
    [
        (answer(numbered(range(10)), last_page=True), True),
        (answer(numbered(range(10)), last_page=False), False),
        (answer(numbered(range(3)), last_page=False), False),
        (answer([], last_page=False), True),
        (answer(numbered(range(10))), False),
        (answer(numbered(range(9))), True),
        (answer(numbered(range(5)), per_page=5), False),
        (answer(numbered(range(5)), per_page=0), True),
        (EventsAnswer(start_date=None, end_date=None, paging=None, results=numbered(range(9))), True),
    ],
)
def test_last_is_what_says_so_or_is_empty_or_only_where_it_says_nothing_is_short(
    page: EventsAnswer, *, expected: bool
) -> None:
    assert expected == is_last(page, 10)


def test_what_came_before_is_not_new() -> None:
    judge = PageJudge(10)
    assert [0, 1, 2] == judge.new(events("a", "b", "c"))
    assert [1, 3] == judge.new(events("c", "d", "d", "e"))


def test_what_has_no_id_is_always_new() -> None:
    judge = PageJudge(10)
    assert [0, 1, 2] == judge.new(events(None, "a", None))
    assert [0, 2] == judge.new(events(None, "a", "b"))


@given(lead=st.integers(0, 30), length=st.integers(1, 30))
def test_a_circle_is_found_within_three_times_its_way(lead: int, length: int) -> None:
    judge = PageJudge(10_000)
    pages = [numbered([10 * page, 10 * page + 1]) for page in range(lead + length)]
    way = (pages[step if step < lead else lead + (step - lead) % length] for step in range(3 * (lead + length) + 2))
    with pytest.raises(InconsistentPagesError):
        deque(map(judge.new, way), maxlen=0)


def test_a_page_that_comes_twice_in_a_row_is_noticed_at_once() -> None:
    for way in range(1, 20):
        judge = PageJudge(100)
        for page in range(way):
            judge.new(numbered([2 * page, 2 * page + 1]))
        with pytest.raises(InconsistentPagesError, match=f"Page {way + 1} of the events repeats"):
            judge.new(numbered([2 * way - 2, 2 * way - 1]))


def test_its_memory_does_not_grow_with_the_way() -> None:
    judge = PageJudge(10_000)
    for page in range(3000):
        judge.new(numbered([page]))
    assert 4 == len(judge._recent)  # noqa: SLF001 - the bound is the point


def test_an_empty_page_repeats_nothing() -> None:
    judge = PageJudge(10)
    assert [] == judge.new([])
    assert [] == judge.new([])


@given(count=st.integers(1, 40), inserted=st.integers(0, 12), per_page=st.integers(4, 12))
async def test_events_inserted_before_a_position_repeat_nothing_and_lose_nothing(
    count: int, inserted: int, per_page: int
) -> None:
    """As many as fit into a page are put up with; more than that is an error, never a repetition or a gap."""
    shelf = Shelf(range(-inserted, 50))
    try:
        found = await read(shelf, behind(range(50), count, per_page))
    except InconsistentPagesError:
        assert inserted > per_page - 1
    else:
        assert list(range(count, 50)) == found


@given(count=st.integers(5, 30).filter(lambda count: count % 10), removed=st.integers(1, 4))
async def test_events_removed_before_a_position_within_a_page_lose_nothing(count: int, removed: int) -> None:
    shelf = Shelf(range(removed, 50))
    try:
        found = await read(shelf, behind(range(50), count, 10))
    except InconsistentPagesError:
        assert (count - 1) % 10 < removed
    else:
        assert list(range(count, 50)) == found


@pytest.mark.parametrize("count", [15, 35, 45, 49])
async def test_a_position_whose_event_is_gone_is_an_error(count: int) -> None:
    with pytest.raises(InconsistentPagesError, match="Begin anew"):
        await read(Shelf(range(1000, 1050)), behind(range(50), count, 10))


async def test_at_the_beginning_of_a_page_an_event_that_is_gone_is_not_missed() -> None:
    position = Position(page=2, per_page=10, end=START, last="0123456789ab")
    assert list(range(10, 50)) == await read(Shelf(range(50)), position)


@pytest.mark.parametrize("order", list(EventOrder))
@pytest.mark.parametrize("inserted", [11, 15, 20, 21])
async def test_events_pushed_further_than_by_a_page_are_never_told_again(order: EventOrder, inserted: int) -> None:
    step = 1 if order is EventOrder.OLDEST_FIRST else -1
    shelf = Shelf([step * number for number in range(-inserted, 50)])
    (last,) = numbered([step * 9])
    position = Position(per_page=10, end=START).next_page(last)
    found: list[int] = []
    with suppress(InconsistentPagesError):
        async for leaf in replace(walk(shelf), order=order).leaves(position, inquire("docs")):
            found += [int(event.id or "") for event in leaf.events]
    assert found == [step * number for number in range(10, 50)][: len(found)]
    assert bool(found) == (inserted <= 20)


async def test_a_server_that_serves_smaller_pages_than_asked_is_read_to_the_end() -> None:
    class Stingy(Shelf):
        async def events(self, query: EventsQuery, page: int, per_page: int, inquiry: Inquiry) -> EventsAnswer:
            served = await super().events(query, page, min(per_page, 5), inquiry)
            return msgspec.structs.replace(served, paging=PagingEcho(last_page=None, per_page=5))

    assert list(range(23)) == await read(Stingy(range(23)), Position(per_page=10, end=START + timedelta(0)))


async def test_a_scan_ends_when_the_time_left_is_too_short_for_another_page() -> None:
    clock = VirtualClock()

    class Slow(Shelf):
        async def events(self, query: EventsQuery, page: int, per_page: int, inquiry: Inquiry) -> EventsAnswer:
            await clock.advance(3)
            return await super().events(query, page, per_page, inquiry)

    shelf = Slow(range(100))
    scan = Scan(client=shelf, per_page=10, most_pages=9, prefetch_pages=0)
    pages = [page async for page in scan.pages(WEEK, EventFilter(), inquire("docs", clock, seconds=10))]
    assert [1, 2, 3] == shelf.asked
    assert [False, False, True] == [page.is_cut_off for page in pages]
