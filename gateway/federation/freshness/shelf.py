"""For how long an answer of several observations may be given again. No I/O."""

from collections.abc import Sequence

from adapters.clock import Clock
from gateway.federation.freshness.flights import Found
from gateway.federation.freshness.wish import Wish, good_until
from gateway.federation.window import end_of_today
from gateway.pipeline.shelf import ShelfLife


def shelf_of(found: Sequence[Found], wish: Wish, clock: Clock) -> ShelfLife | None:
    """The shelf life of an answer to who wishes so; None unless all of it is kept and fresh.

    It ends with the day, UTC, as windows do whose end the request leaves open.
    """
    entries = [each.entry for each in found if each.entry is not None]
    if not entries or len(entries) < len(found):
        return None
    now, today = clock.monotonic(), clock.now()
    midnight = now + (end_of_today(today) - today).total_seconds()
    fresh_until = min([midnight, *[good_until(entry, wish) for entry in entries]])
    if now >= fresh_until:
        return None
    return ShelfLife(
        observed=min([entry.observed for entry in entries]),
        fresh_until=fresh_until,
        repeatable=not wish.wants_new,
        kept=[entry.mark for entry in entries],
    )
