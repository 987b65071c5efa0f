"""One page of events from the pages of several sources. No I/O."""

from collections.abc import Mapping
from dataclasses import dataclass
from heapq import heapify, heappop, heapreplace

from adapters.ports import EventsPage
from adapters.query import EventOrder
from gateway.federation.tokens import Positions
from unified.analytics.v1.event_pb2 import Event

PAGE_BYTES = 768 * 1024
"""What the events of a page may take, which leaves windows, outcomes and token what they need below 1 MiB."""

_FRAMING = 5
"""Bytes that an event takes in a message besides its own: a tag, and at most four of length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MergedPage:
    """Events of several sources in one order, and where each source goes on."""

    events: list[Event]
    positions: Positions


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads one source's page from its beginning."""

    page: EventsPage
    order: EventOrder
    asked: str | None
    """The position that the page was asked from."""
    read: int = 0

    @property
    def next(self) -> Event:
        return self.page.events[self.read]

    def at_end(self) -> bool:
        return self.read == len(self.page.events)

    def rank(self) -> int:
        """Where the next event belongs. One without a time goes at once: only its place within its source is known."""
        if not self.next.HasField("event_time"):
            return -(2**63)
        nanos = self.next.event_time.ToNanoseconds()
        return nanos if self.order == EventOrder.OLDEST_FIRST else -nanos

    def position(self) -> str | None:
        """Where the source goes on, if it is not finished."""
        return self.page.position_after(self.read) if self.read else self.asked

    def is_finished(self) -> bool:
        """Whether the source has nothing more. A page is empty only if nothing follows."""
        return self.at_end() and (not self.read or self.page.position_after(self.read) is None)


def merge_pages(pages: Mapping[str, EventsPage], asked: Positions, order: EventOrder, size: int) -> MergedPage:
    """The first events of all pages, at most `size` and `PAGE_BYTES`, but at least one if there is any.

    Events of equal times come by source. Where a source's page is used up and the source is not finished, the merged
    page ends too: what comes next there may belong before anything else.
    """
    readers = {source: _Reader(page=page, order=order, asked=asked[source]) for source, page in sorted(pages.items())}
    events = _merge(readers, size)
    positions = {source: reader.position() for source, reader in readers.items() if not reader.is_finished()}
    return MergedPage(events=events, positions=positions)


def _merge(readers: Mapping[str, _Reader], size: int) -> list[Event]:
    heap = [(reader.rank(), source) for source, reader in readers.items() if not reader.at_end()]
    heapify(heap)
    events: list[Event] = []
    room = PAGE_BYTES
    while heap and len(events) < size:
        source = heap[0][1]
        reader = readers[source]
        room -= reader.next.ByteSize() + _FRAMING
        if events and room < 0:
            break
        events.append(reader.next)
        reader.read += 1
        if not reader.at_end():
            heapreplace(heap, (reader.rank(), source))
        elif reader.is_finished():
            heappop(heap)
        else:
            break
    return events
