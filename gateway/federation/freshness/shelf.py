"""How old an answer of several observations is, and for how long it may be given again. No I/O."""

from collections.abc import Sequence

from adapters.clock import Clock
from gateway.federation.freshness.flights import Found
from gateway.federation.freshness.wish import Wish, good_until
from gateway.federation.window import end_of_today
from gateway.pipeline.shelf import ShelfLife
from unified.analytics.v1.freshness_pb2 import FRESHNESS_STALE_IF_ERROR


def shelf_of(found: Sequence[Found], wish: Wish, clock: Clock) -> ShelfLife | None:
    """The shelf life of an answer to who wishes so; None unless all of it is kept.

    It ends with the day, UTC, as windows do whose end the request leaves open. Where anything is no longer fresh, it
    has ended already, and what is left is the answer's age.
    """
    entries = [each.entry for each in found if each.entry is not None]
    if not entries or len(entries) < len(found):
        return None
    now, today = clock.monotonic(), clock.now()
    midnight = now + (end_of_today(today) - today).total_seconds()
    return ShelfLife(
        observed=min([entry.observed for entry in entries]),
        fresh_until=min([midnight, *[good_until(entry, wish) for entry in entries]]),
        repeatable=not wish.wants_new and not _is_made_do_with(found, wish),
        kept=[entry.mark for entry in entries],
    )


def _is_made_do_with(found: Sequence[Found], wish: Wish) -> bool:
    """Whether anything stands in for what could not be had; it may even be fresh, if it came while that was tried."""
    return wish.freshness == FRESHNESS_STALE_IF_ERROR and any(each.seen.stale is not None for each in found)
