"""Cuts a page of events into the batches of a stream. No I/O."""

from collections.abc import Iterator, Sequence

from gateway.federation import merge
from unified.analytics.v1.analytics_service_pb2 import StreamEventsResponse
from unified.analytics.v1.event_pb2 import Event

MOST_EVENTS = 1000
"""Events in a batch."""

BATCH_BYTES = 512 * 1024
"""What the events of a batch take; a single event may take more."""


def batches(events: Sequence[Event]) -> Iterator[tuple[StreamEventsResponse, int]]:
    """Batches without tokens, each with how many of the events are delivered behind it. No events make no batch."""
    start = 0
    for end in _ends(list(map(Event.ByteSize, events))):
        response = StreamEventsResponse()
        # Filled in place: a batch made first would be copied once more.
        merge.copy(events[start:end], response.batch.events)
        yield response, end
        start = end


def _ends(sizes: Sequence[int]) -> Iterator[int]:
    """Where each batch ends, exclusive, given what each event takes; each has at least one."""
    if 0 < len(sizes) <= MOST_EVENTS and sum(sizes) <= BATCH_BYTES:
        yield len(sizes)
        return
    start = 0
    while start < len(sizes):
        end = start + 1
        room = BATCH_BYTES - sizes[start]
        while end < len(sizes) and end - start < MOST_EVENTS and sizes[end] <= room:
            room -= sizes[end]
            end += 1
        yield end
        start = end
