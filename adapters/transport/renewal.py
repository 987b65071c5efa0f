"""Fetches values that end anew, such as session tickets and the addresses of tenants that move."""

import copy
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Generic, TypeVar

from adapters.clock import Clock
from adapters.errors import SourceError, UpstreamTimeoutError
from adapters.inquiry import Inquiry
from adapters.timeout import Timeout
from adapters.transport.lease import Held, Lease
from adapters.transport.single_flight import SingleFlight

T = TypeVar("T")

PAUSE = 10.0
"""Seconds between two fetches of which the first did not help. A service that is down or says no is asked by each
replica no oftener than this, and an operator who has put it right does not wait for longer.
"""

_LONGEST_PAUSE = 300.0
"""Seconds that an upstream's `Retry-After` may make of it."""


class Renewal(Generic[T]):
    """A value that is fetched when it is first wanted, again before it ends, and again when the upstream refuses it.

    One fetch at a time, however many wait for it. When the last of them leaves, the fetch is cancelled. A fetch that
    failed is not repeated for `pause` seconds: whoever comes meanwhile is told why at once. Nor is a value replaced
    within `pause` seconds of its coming, whatever the clocks say and the upstream thinks of it.
    """

    def __init__(  # noqa: PLR0913 - each is one promise of its own, by name
        self,
        fetch: Callable[[Inquiry], Awaitable[Lease[T]]],
        *,
        source: str,
        clock: Clock,
        allowed: float,
        pause: float = PAUSE,
        what: str = "credential or address",
    ) -> None:
        """Get values from `fetch`, which has `allowed` seconds, not only those that the first who waits has left.

        `what` names the value in errors.
        """
        self._fetch = fetch
        self._source = source
        self._clock = clock
        self._allowed = allowed
        self._pause = pause
        self._what = what
        self._flight = SingleFlight(self._fetch_once)
        self._held: Held[T] | None = None
        self._failure: _Failure | None = None
        self._early_from = 0.0

    @property
    def lease(self) -> Lease[T] | None:
        """What is at hand now; None before the first fetch, and while a refused one has no successor."""
        return None if self._held is None else self._held.lease

    async def get(self, inquiry: Inquiry) -> T:
        """The value at hand, or another that is fetched first.

        A fetch before the end gets at most half of the time left. Its failure is none: what is still good is used on.

        Raises:
            SourceError: it could not be fetched, now or within the last `pause` seconds.
            UpstreamTimeoutError: it did not come by the inquiry's deadline. The fetch goes on for the others.
        """
        held = self._held
        if held is None or self._has_ended(held):
            held = await self._fetched(inquiry.deadline)
        elif self._is_due(held):
            now = self._clock.monotonic()
            self._early_from = now + self._pause
            with suppress(SourceError):
                held = await self._fetched(now + inquiry.remaining() / 2)
        return self._use(held)

    async def refused(self, value: T, inquiry: Inquiry) -> bool:
        """The upstream does not accept `value`, which came from `get`. Whether `get` has another now.

        False where it was fetched within the last `pause` seconds: a fresh one that is refused will not get better.

        Raises:
            SourceError: another could not be fetched.
            UpstreamTimeoutError: it did not come by the inquiry's deadline.
        """
        held = self._held
        if held is not None and held.lease.value == value:
            if self._is_fresh(held):
                return False
            self._held = held = None
        if held is None:
            held = await self._fetched(inquiry.deadline)
        return held.lease.value != value

    async def _fetched(self, deadline: float) -> Held[T]:
        if self._failure is not None and self._clock.monotonic() < self._failure.until:
            raise self._failure.told(self._clock)
        if (outcome := await self._joined(deadline)) is None:
            raise UpstreamTimeoutError(f"The call's time passed while the {self._what} was being fetched.")
        if isinstance(outcome, _Failure):
            raise outcome.told(self._clock)
        return outcome

    async def _joined(self, deadline: float) -> "Held[T] | _Failure | None":
        """What the fetch comes to; None if it does not by the deadline. With no time left, none is begun."""
        if self._clock.monotonic() >= deadline:
            return None
        try:
            with Timeout(self._clock, deadline):
                return await self._flight.join()
        except TimeoutError:
            return None

    async def _fetch_once(self) -> "Held[T] | _Failure":
        """The next value, put in its place before anybody who waits is told."""
        deadline = self._clock.monotonic() + self._allowed
        try:
            with Timeout(self._clock, deadline):
                lease = await self._fetch(Inquiry(source=self._source, clock=self._clock, deadline=deadline))
        except TimeoutError:
            return self._failed(UpstreamTimeoutError(f"The {self._what} did not come within {self._allowed:.3g} s."))
        except SourceError as error:
            return self._failed(error)
        self._held = Held.since_now(lease, self._clock)
        self._early_from = self._held.fetched + self._pause
        return self._held

    def _failed(self, error: SourceError) -> "_Failure":
        asked = timedelta(0) if error.retry_after is None else error.retry_after
        pause = max(self._pause, min(asked.total_seconds(), _LONGEST_PAUSE))
        # A copy has no traceback, which would keep alive all that the fetch had in hand.
        self._failure = _Failure(error=copy.copy(error), until=self._clock.monotonic() + pause)
        return self._failure

    def _use(self, held: Held[T]) -> T:
        if held.lease.slides is not None and held is self._held:
            self._held = replace(Held.since_now(held.lease.used(self._clock.now()), self._clock), fetched=held.fetched)
        return held.lease.value

    def _is_fresh(self, held: Held[T]) -> bool:
        return self._clock.monotonic() < held.fetched + self._pause

    def _has_ended(self, held: Held[T]) -> bool:
        return held.end.has_come(self._clock) and not self._is_fresh(held)

    def _is_due(self, held: Held[T]) -> bool:
        return held.due.has_come(self._clock) and self._clock.monotonic() >= self._early_from


@dataclass(frozen=True, slots=True, kw_only=True)
class _Failure:
    error: SourceError
    until: float
    """When it may be tried again, on `Clock.monotonic()`."""

    def told(self, clock: Clock) -> SourceError:
        """A copy, since whoever raises it adds to its traceback."""
        error = copy.copy(self.error)
        error.retry_after = timedelta(seconds=max(0.0, self.until - clock.monotonic()))
        return error
