"""Values that end, and when."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from adapters.clock import Clock

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease(Generic[T]):
    """Something that was fetched, and how long it is good for."""

    value: T = field(repr=False)
    expire_time: datetime | None
    """When it ends, UTC; None: not known, or never."""
    renew_time: datetime | None
    """From when on the next who wants it fetches another first, UTC; None: never by time."""
    slides: timedelta | None = None
    """Each use moves its end to so long from then, and `renew_time` along with it."""

    def used(self, now: datetime) -> "Lease[T]":
        """As it is after a use at `now`."""
        if self.slides is None:
            return self
        end = now + self.slides
        early = None if self.expire_time is None or self.renew_time is None else self.expire_time - self.renew_time
        return replace(self, expire_time=end, renew_time=None if early is None else end - early)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Comes when it has on either scale: a clock that is set back makes nothing last longer, nor does a sleep."""

    time: datetime | None
    monotonic: float

    @classmethod
    def of(cls, time: datetime | None, clock: Clock) -> "Moment":
        """The moment of which the upstream speaks; None is never."""
        left = float("inf") if time is None else (time - clock.now()).total_seconds()
        return cls(time=time, monotonic=clock.monotonic() + left)

    def has_come(self, clock: Clock) -> bool:
        """Whether it is now, or has passed."""
        return clock.monotonic() >= self.monotonic or (self.time is not None and clock.now() >= self.time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held(Generic[T]):
    """A lease at hand."""

    lease: Lease[T]
    fetched: float
    """When, on `Clock.monotonic()`."""
    due: Moment
    end: Moment

    @classmethod
    def since_now(cls, lease: Lease[T], clock: Clock) -> "Held[T]":
        """A lease that has just come."""
        return cls(
            lease=lease,
            fetched=clock.monotonic(),
            due=Moment.of(lease.renew_time, clock),
            end=Moment.of(lease.expire_time, clock),
        )
