"""Reads a limited number of pages of events, for answers that must be counted from single events."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from adapters.fluidtopics import dates, wire
from adapters.fluidtopics.events.ahead import read_ahead
from adapters.fluidtopics.events.position import Position
from adapters.fluidtopics.events.walk import Pages, Walk
from adapters.inquiry import Inquiry
from adapters.query import EventFilter, EventOrder, Window


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanPage:
    """Some events, oldest first."""

    events: Sequence[wire.Event]
    is_cut_off: bool
    """The scan ends here, though there are more."""
    is_hurried: bool
    """It does only because there is no time for more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """Reads events from the oldest on, within bounds."""

    client: Pages
    per_page: int
    most_pages: int
    prefetch_pages: int

    def pages(self, window: Window, wanted: EventFilter, inquiry: Inquiry) -> AsyncGenerator[ScanPage]:
        """The events of a window, until they end, the pages allowed do, or the time left is too short for one more."""
        return read_ahead(self._pages(window, wanted, inquiry), self.prefetch_pages)

    async def _pages(self, window: Window, wanted: EventFilter, inquiry: Inquiry) -> AsyncGenerator[ScanPage]:
        askable = dates.askable(window, inquiry.clock.now())
        if askable is None:
            return
        walk = Walk(
            client=self.client,
            window=window,
            filter=wanted,
            order=EventOrder.OLDEST_FIRST,
            # One more than are read, so that ending is up to us.
            max_pages=self.most_pages + 1,
        )
        longest = 0.0
        async with aclosing(walk.leaves(Position(per_page=self.per_page, end=askable.end), inquiry)) as leaves:
            for number in range(1, self.most_pages + 1):
                asked = inquiry.clock.monotonic()
                leaf = await anext(leaves)
                longest = max(longest, inquiry.clock.monotonic() - asked)
                is_full = number == self.most_pages
                is_late = inquiry.remaining() < longest
                ends = leaf.is_last or is_full or is_late
                yield ScanPage(
                    events=leaf.events,
                    is_cut_off=ends and not leaf.is_last,
                    is_hurried=is_late and not (leaf.is_last or is_full),
                )
                if ends:
                    return
