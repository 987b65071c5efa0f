"""What a caller wants of an answer's age, and what an observation at hand is to it. No I/O."""

from datetime import timedelta
from enum import Enum, auto
from typing import NamedTuple

from gateway.federation.freshness.entry import Entry
from unified.analytics.v1.freshness_pb2 import (
    FRESHNESS_CACHED,
    FRESHNESS_FRESH,
    FRESHNESS_STALE_IF_ERROR,
    FRESHNESS_UNSPECIFIED,
    Freshness,
)


class Wish(NamedTuple):
    """How fresh an answer must be, as a request says it. The contract's `Freshness` says what that means."""

    freshness: Freshness = FRESHNESS_UNSPECIFIED
    max_age: float | None = None
    """Seconds; None: the source's policy decides."""

    @classmethod
    def of(cls, freshness: Freshness, max_age: timedelta | None) -> "Wish":
        """The wish of a request."""
        return cls(freshness, None if max_age is None else max_age.total_seconds())

    @property
    def wants_new(self) -> bool:
        """Whether nothing that was observed before will do. By the time it is found, everything has some age."""
        return self.freshness == FRESHNESS_FRESH or (self.max_age == 0 and not self.forbids_asking)

    @property
    def forbids_asking(self) -> bool:
        """Whether no upstream may be asked."""
        return self.freshness == FRESHNESS_CACHED


class Use(Enum):
    """What an entry at hand is to a caller."""

    NONE = auto()
    """Of no use for now."""
    GOOD = auto()
    """The answer."""
    MEANWHILE = auto()
    """The answer once more, while a new observation is fetched."""
    STALE = auto()
    """The answer, which says that it is stale, since asking is forbidden."""


def use_of(entry: Entry, wish: Wish, now: float) -> Use:
    """What the entry is to a caller now, before anybody is asked."""
    if wish.wants_new or now >= entry.gone_at or not _is_young_enough(entry, wish, now):
        return Use.NONE
    if now < entry.fresh_until:
        return Use.GOOD
    if wish.forbids_asking:
        return Use.STALE
    if wish.freshness == FRESHNESS_UNSPECIFIED:
        if wish.max_age is not None:
            return Use.GOOD
        if now < entry.revalidate_until:
            return Use.MEANWHILE
    return Use.NONE


def stands_in(entry: Entry, wish: Wish, now: float) -> bool:
    """Whether the entry is the answer now that asking has failed."""
    allowed = wish.freshness == FRESHNESS_STALE_IF_ERROR
    return allowed and now < entry.gone_at and _is_young_enough(entry, wish, now)


def good_until(entry: Entry, wish: Wish) -> float:
    """When an entry ceases, or ceased, to be fresh, or to be young enough for who wishes so."""
    return entry.fresh_until if wish.max_age is None else min(entry.fresh_until, entry.observed + wish.max_age)


def _is_young_enough(entry: Entry, wish: Wish, now: float) -> bool:
    return wish.max_age is None or now - entry.observed <= wish.max_age
