"""Reads events page after page from a position on, each event once."""

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from adapters.errors import InconsistentPagesError
from adapters.fluidtopics import dates, wire
from adapters.fluidtopics.client import EventsQuery
from adapters.fluidtopics.events.pages import PageJudge, is_last
from adapters.fluidtopics.events.position import Named, Position
from adapters.inquiry import Inquiry
from adapters.query import EventFilter, EventOrder, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Bookmarks:
    """The positions between the events of a page."""

    begin: Position
    """Before the first of them."""
    events: Sequence[wire.Event | Named]
    """All of them, or the first ones, behind which a position may be asked for."""
    ends: Sequence[int]
    """For each of them, its place in the page, from 1."""
    total: int
    """How many there are."""
    is_last: bool

    def position_after(self, count: int) -> str | None:
        """The position behind the first `count` of the events. None if nothing follows there."""
        if count < self.total:
            return (self.begin if count == 0 else self._behind(count)).encode()
        return None if self.is_last else self.next_page().encode()

    def next_page(self) -> Position:
        """The beginning of the next page."""
        return self.begin.next_page(self.events[-1] if self.events else None)

    def alone(self, count: int) -> "Bookmarks":
        """Those of the first `count` events, without the page: its text would be kept by any event of it."""
        names = [Named(event.id, event.datetime) for event in self.events[:count]]
        return replace(self, events=names, ends=self.ends[:count])

    def _behind(self, count: int) -> Position:
        return self.begin.behind(self.ends[count - 1], self.events[count - 1])


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What a page held for us."""

    answer: wire.EventsAnswer
    events: Sequence[wire.Event]
    """Those of the page that are behind the position, within the window, and new."""
    is_last: bool
    bookmarks: Bookmarks


class Pages(Protocol):
    """Has events page by page, as the client does."""

    async def events(self, query: EventsQuery, page: int, per_page: int, inquiry: Inquiry) -> wire.EventsAnswer:
        """One page of events, from 1. Its `results` are never None."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """One way through the events of a window."""

    client: Pages
    window: Window
    """As it was asked for, with fractions of seconds."""
    filter: EventFilter
    order: EventOrder
    max_pages: int

    async def leaves(self, position: Position, inquiry: Inquiry) -> AsyncGenerator[Leaf]:
        """The pages from a position on, with at least one.

        Raises:
            InconsistentPagesError: they repeat, never end, or the position can no longer be found in them.
        """
        query = EventsQuery(
            window=Window(start=dates.floor(self.window.start), end=position.end), filter=self.filter, order=self.order
        )
        judge = PageJudge(self.max_pages)
        place = _Place(position, self.order)
        while True:
            answer = await self.client.events(query, position.page, position.per_page, inquiry)
            leaf = self._leaf(answer, position, place, judge)
            if not place.is_lost:
                yield leaf
            if leaf.is_last:
                place.must_be_found()
                return
            position = leaf.bookmarks.next_page()

    def _leaf(self, answer: wire.EventsAnswer, position: Position, place: "_Place", judge: PageJudge) -> Leaf:
        results = answer.results or []
        offset = place.find(results)
        places = self._within(results, [number for number in judge.new(results) if number >= offset])
        events = results if len(places) == len(results) else [results[number] for number in places]
        ends = is_last(answer, position.per_page)
        bookmarks = Bookmarks(
            begin=replace(position, offset=offset),
            events=events,
            ends=[number + 1 for number in places],
            total=len(events),
            is_last=ends,
        )
        return Leaf(answer=answer, events=events, is_last=ends, bookmarks=bookmarks)

    def _within(self, results: Sequence[wire.Event], places: list[int]) -> list[int]:
        is_outside = dates.edge_test(self.window)
        if is_outside is None:
            return places
        moments = [(number, dates.read_datetime(results[number].datetime)) for number in places]
        return [number for number, moment in moments if moment is None or not is_outside(moment)]


class _Place:
    """Finds where a walk goes on: a place that may have moved within its page or to the next one, but not further."""

    def __init__(self, position: Position, order: EventOrder) -> None:
        self.is_lost = False
        self._order = order
        self._sought: Position | None = position

    def find(self, results: Sequence[wire.Event]) -> int:
        """How many events of a page are behind us. Call it with each page, once."""
        if self._sought is None:
            return 0
        found = self._sought.place_in(results)
        if found is None:
            self.must_be_found()
            if not self._sought.is_at_beginning_of(results, self._order):
                self.is_lost = True
                return len(results)
        self._sought, self.is_lost = None, False
        return found or 0

    def must_be_found(self) -> None:
        """Raise InconsistentPagesError if a page had to be left without the place having been found."""
        if self.is_lost:
            raise InconsistentPagesError(
                "The event at which to go on is not where it was: too many events came or went since. Begin anew."
            )
