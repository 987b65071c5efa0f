"""Where a reader of events stands, as a text that can be handed out and taken back."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

from adapters.errors import InvalidPositionError
from adapters.fluidtopics import dates
from adapters.fluidtopics.settings import MOST_PER_PAGE
from adapters.fluidtopics.wire import Event
from adapters.query import EventOrder, Window

_FORM = re.compile(r"1\.(\d{1,7})\.(\d{1,4})\.(\d{1,4})\.(\d{1,11})\.([0-9a-f]{12}|-)\.(-?\d{1,15}|x)", re.ASCII)
_NO_EVENT, _NO_MOMENT = "-", "x"


class Named(NamedTuple):
    """What a position remembers an event by."""

    id: str | None
    datetime: int | float | str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place between two events of a window. Pages only align while their size and the window's end stay the same."""

    page: int = 1
    """Fluid Topics' page, from 1."""
    offset: int = 0
    """Events of that page that are behind us."""
    per_page: int
    end: datetime
    """Where the window was cut when reading began, in whole seconds; by now it might reach further."""
    last: str = _NO_EVENT
    """Mark of the last event that was handed out, by which a shift of the pages is noticed."""
    last_moment: int | None = None
    """When that event happened, in milliseconds since 1970."""

    def encode(self) -> str:
        """The position as at most 70 characters of ASCII."""
        moment = _NO_MOMENT if self.last_moment is None else self.last_moment
        return f"1.{self.page}.{self.offset}.{self.per_page}.{int(self.end.timestamp())}.{self.last}.{moment}"

    def behind(self, offset: int, last: Event | Named) -> "Position":
        """The place behind the first `offset` events of the page."""
        return replace(self, offset=offset, last=mark(last.id), last_moment=dates.read_datetime(last.datetime))

    def next_page(self, last: Event | Named | None) -> "Position":
        """The beginning of the next page, behind the last event handed out; None: behind the same as before."""
        place = self if last is None else self.behind(0, last)
        return replace(place, page=self.page + 1, offset=0)

    def place_in(self, events: Sequence[Event]) -> int | None:
        """How many events of a page are behind us: up to the last one handed out, wherever in the page it stands now.

        None: it is not there.
        """
        if self.last == _NO_EVENT:
            return min(self.offset, len(events))
        marks = [mark(event.id) for event in events]
        if self.offset and marks[self.offset - 1 : self.offset] == [self.last]:
            return self.offset
        return marks.index(self.last) + 1 if self.last in marks else None

    def is_at_beginning_of(self, events: Sequence[Event], order: EventOrder) -> bool:
        """Whether it may be where a page begins that does not hold the last event handed out.

        That one ended the page before; but if it was pushed further than by one page, this page begins before it.
        """
        first = dates.read_datetime(events[0].datetime) if events else None
        if self.offset or first is None or self.last_moment is None:
            return not self.offset
        return first >= self.last_moment if order is EventOrder.OLDEST_FIRST else first <= self.last_moment


def mark(event_id: str | None) -> str:
    """A short stand-in for an event's id."""
    return _NO_EVENT if event_id is None else blake2b(event_id.encode(errors="replace"), digest_size=6).hexdigest()


def decode(text: str, window: Window) -> Position:
    """The position of a window that `Position.encode` wrote.

    Raises:
        InvalidPositionError: it did not, or for another window.
    """
    match = _FORM.fullmatch(text)
    if match is None:
        raise InvalidPositionError("not a position in the events of a Fluid Topics source")
    page, offset, per_page, end = map(int, match.groups()[:4])
    if not (page >= 1 and 1 <= per_page <= MOST_PER_PAGE and offset <= per_page):
        raise InvalidPositionError("a position outside of any page that a Fluid Topics source reads")
    if not dates.floor(window.start).timestamp() < end <= dates.ceil(window.end).timestamp():
        raise InvalidPositionError("a position in the events of another window")
    return Position(
        page=page,
        offset=offset,
        per_page=per_page,
        end=datetime.fromtimestamp(end, UTC),
        last=match[5],
        last_moment=None if match[6] == _NO_MOMENT else int(match[6]),
    )
