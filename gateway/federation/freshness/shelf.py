"""How old an answer of several observations is, and for how long it may be given again. No I/O."""

from collections.abc import Sequence

from adapters.clock import Clock
from gateway.federation.freshness.flights import Found
from gateway.federation.freshness.wish import Wish, good_until
from gateway.federation.window import end_of_today
from gateway.pipeline.shelf import ShelfLife
from unified.analytics.v1.freshness_pb2 import FRESHNESS_STALE_IF_ERROR


def end_of_windows(clock: Clock) -> float:
    """When a request that leaves the end of its window open begins to ask about another: at the next midnight, UTC."""
    today = clock.now()
    return clock.monotonic() + (end_of_today(today) - today).total_seconds()


def shelf_of(found: Sequence[Found], wish: Wish, *, until: float) -> ShelfLife | None:
    """The shelf life of an answer to who wishes so; None unless all of it is kept.

    It ends at `until`, at the latest: `end_of_windows` as of when the windows were chosen, which may be over by now.
    Where anything is no longer fresh, it has ended already, and what is left is the answer's age.
    """
    entries = [each.entry for each in found if each.entry is not None]
    if not entries or len(entries) < len(found):
        return None
    return ShelfLife(
        observed=min([entry.observed for entry in entries]),
        fresh_until=min([until, *[good_until(entry, wish) for entry in entries]]),
        repeatable=not wish.wants_new and not _is_made_do_with(found, wish),
        kept=[entry.mark for entry in entries],
    )


def _is_made_do_with(found: Sequence[Found], wish: Wish) -> bool:
    """Whether anything stands in for what could not be had; it may even be fresh, if it came while that was tried."""
    return wish.freshness == FRESHNESS_STALE_IF_ERROR and any(each.seen.stale is not None for each in found)
