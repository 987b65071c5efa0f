"""How often a source is asked: as it is configured, and less often while the upstream wants it so."""

import asyncio
import math
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol

from adapters.clock import Clock
from adapters.errors import RateLimitReachedError
from adapters.inquiry import Inquiry
from adapters.meter import SourceMeter
from adapters.sharing import SharedLimits
from adapters.transport.lowering import LONGEST_PAUSE, Lowering, Pace
from adapters.transport.rate_headers import Allowance, allowance, tells_of_allowance
from adapters.transport.retry import parse_retry_after

_TOO_MANY_REQUESTS = HTTPStatus.TOO_MANY_REQUESTS.value

# A token that is whole but for the rounding of its refill.
_WHOLE = 1 - 1e-9


class Limit(Protocol):
    """What is configured."""

    @property
    def rate(self) -> float | None:
        """Requests per second; None: as many as there are."""
        ...

    @property
    def burst(self) -> int:
        """Requests that may be sent at once after a pause: at least one."""
        ...


@dataclass(slots=True, eq=False)
class _Waiter:
    inquiry: Inquiry
    called: asyncio.Future[None]


class RateLimiter:
    """Lets requests to one source through, one after another, at a rate: a bucket of tokens that fills itself.

    First come, first served. Who leaves while waiting has taken no token. With `shared` the rate holds for all
    replicas together, as long as they can be asked; else for this one.
    """

    def __init__(
        self, policy: Limit, *, clock: Clock, meter: SourceMeter, shared: SharedLimits | None, key: str
    ) -> None:
        """Let through what `policy` allows. `key` names the limit where it is shared."""
        self._policy = policy
        self._clock = clock
        self._meter = meter
        self._shared = shared
        self._key = key
        self._line: deque[_Waiter] = deque()
        self._pace = Pace()
        self._lowering = Lowering(policy.rate)
        self._told = policy.rate
        self._paused_until = -math.inf
        self._tokens = float(policy.burst)
        self._filled_at = clock.monotonic()
        if policy.rate is not None:
            meter.lowered(policy.rate)

    @property
    def rate(self) -> float | None:
        """Requests per second that are permitted at present; None: as many as there are."""
        return self._lowering.rate(self._clock.monotonic())

    @property
    def is_lowered(self) -> bool:
        """Whether the upstream made us ask less often than is configured, or not at all for a while."""
        now = self._clock.monotonic()
        return self._lowering.is_lowered(now) or now < self._paused_until

    async def turn(self, inquiry: Inquiry) -> None:
        """Wait until one request may be sent.

        Raises:
            RateLimitReachedError: that is later than the inquiry's time allows. At once, where it is known at once.
        """
        now = self._clock.monotonic()
        if not self._has_token_at_hand(now):
            await self._later_turn(inquiry)
            now = self._clock.monotonic()
        self._pace.note(now)

    def heard(self, status: int, headers: Mapping[str, str]) -> None:
        """A response has come. `headers` finds a name in any case.

        429 and headers that tell of an allowance that would not last lower the rate for a while. Where nothing is
        allowed any more, nothing is sent until there is, or for five minutes at most.
        """
        is_refused = status == _TOO_MANY_REQUESTS
        if not is_refused and not tells_of_allowance(headers):
            return
        now, told = self._clock.monotonic(), allowance(headers, self._clock.now())
        if is_refused:
            self._refill()
            self._refused_with(parse_retry_after(headers.get("Retry-After"), self._clock.now()), told, now)
        elif told is not None and self._pace.per_second(now) * told.seconds > told.remaining:
            self._refill()
            self._running_short(told, now)
        else:
            return
        # Nothing is saved up any more.
        self._tokens = min(self._tokens, self._burst())
        self._tell()
        self._refuse_those_who_came_too_late()

    def _has_token_at_hand(self, now: float) -> bool:
        """Take a token of our own, if there is one and nothing stands in the way: nearly always."""
        rate = self._policy.rate
        # `_told` is told of a rate that was lowered until it has recovered.
        if self._told != rate or self._lowering.is_lowered(now) or now < self._paused_until or self._line:
            return False
        if rate is None:
            return True
        if self._shared is not None:
            return False
        self._tokens = min(self._policy.burst, self._tokens + (now - self._filled_at) * rate)
        self._filled_at = now
        if self._tokens < _WHOLE:
            return False
        self._tokens -= 1
        return True

    async def _later_turn(self, inquiry: Inquiry) -> None:
        self._tell()
        try:
            if not await self._shared_turn(inquiry):
                await self._own_turn(inquiry)
        except RateLimitReachedError:
            self._meter.refused("rate_limit")
            raise

    def _refused_with(self, hint: timedelta | None, told: Allowance | None, now: float) -> None:
        pause = hint.total_seconds() if hint is not None else 0.0
        if told is not None and not told.remaining:
            pause = max(pause, told.seconds)
        self._pause(pause)
        self._lowering.refused(self._pace.per_second(now), now, calm_from=max(now, self._paused_until))

    def _running_short(self, told: Allowance, now: float) -> None:
        if not told.remaining:
            self._pause(told.seconds)
        else:
            until = now + min(told.seconds, LONGEST_PAUSE)
            self._lowering.to(told.rate, self._pace.per_second(now), now, calm_from=until)

    def _pause(self, seconds: float) -> None:
        until = self._clock.monotonic() + min(seconds, LONGEST_PAUSE)
        self._paused_until = max(self._paused_until, until)

    async def _own_turn(self, inquiry: Inquiry) -> None:
        if not self._line and self._wait(ahead=0) <= 0:
            self._tokens -= 1
            return
        self._check(self._wait(ahead=len(self._line)), inquiry)
        with self._waiting(inquiry):
            await self._stand_in_line(inquiry)

    async def _stand_in_line(self, inquiry: Inquiry) -> None:
        waiter = _Waiter(inquiry, asyncio.get_running_loop().create_future())
        self._line.append(waiter)
        self._call_first()
        try:
            await waiter.called
            while (wait := self._wait(ahead=0)) > 0:
                # The rate may have been lowered meanwhile.
                self._check(wait, inquiry)
                await self._clock.sleep(wait)
            self._tokens -= 1
        finally:
            self._line.remove(waiter)
            self._call_first()

    def _call_first(self) -> None:
        if self._line and not self._line[0].called.done():
            self._line[0].called.set_result(None)

    def _refuse_those_who_came_too_late(self) -> None:
        """The rate is lower than it was when they joined the line. The first looks for itself when it is its turn."""
        ahead = 0
        for waiter in self._line:
            wait = self._wait(ahead=ahead)
            if waiter.called.done() or wait < waiter.inquiry.remaining():
                ahead += 1
            else:
                waiter.called.set_exception(_refusal(wait))

    async def _shared_turn(self, inquiry: Inquiry) -> bool:
        """Whether the replicas share a limit and could be asked for a token. Then it may be used now."""
        if self._shared is None or self._policy.rate is None:
            return False
        self._check(self._pause_left(), inquiry)
        rate, longest = self.rate or self._policy.rate, inquiry.remaining()
        with self._waiting(inquiry):
            wait = await self._shared.reserve(self._key, rate=rate, burst=self._burst(), longest_wait=longest)
            if wait is None:
                return False
            if wait > longest:
                raise _refusal(wait)
            try:
                await self._wait_out(wait, inquiry)
            except BaseException:
                self._shared.give_back(self._key, rate=rate)
                raise
        # Should the others be out of reach next, there is no second burst.
        self._refill()
        self._tokens = max(0.0, self._tokens - 1)
        return True

    async def _wait_out(self, wait: float, inquiry: Inquiry) -> None:
        """Wait for so long, and for the end of a pause that may begin meanwhile."""
        ready = self._clock.monotonic() + wait
        while (left := max(ready - self._clock.monotonic(), self._pause_left())) > 0:
            self._check(left, inquiry)
            await self._clock.sleep(left)

    @contextmanager
    def _waiting(self, inquiry: Inquiry) -> Iterator[None]:
        started = self._clock.monotonic()
        try:
            with inquiry.waiting():
                yield
        finally:
            self._meter.waited("rate_limit", self._clock.monotonic() - started)

    def _check(self, wait: float, inquiry: Inquiry) -> None:
        if wait > 0 and wait >= inquiry.remaining():
            raise _refusal(wait)

    def _wait(self, *, ahead: int) -> float:
        """Seconds until the one behind so many others has a token."""
        self._refill()
        rate, pause = self.rate, self._pause_left()
        if rate is None:
            return pause
        saved = min(float(self._burst()), self._tokens + pause * rate)
        missing = ahead + 1 - saved
        return pause + (missing / rate if missing > 1 - _WHOLE else 0.0)

    def _pause_left(self) -> float:
        return max(0.0, self._paused_until - self._clock.monotonic())

    def _burst(self) -> int:
        """Nothing is saved up while the upstream wants less."""
        return 1 if self.is_lowered else self._policy.burst

    def _refill(self) -> None:
        now, rate = self._clock.monotonic(), self.rate
        since, self._filled_at = now - self._filled_at, now
        self._tokens = float(self._burst()) if rate is None else min(self._burst(), self._tokens + since * rate)

    def _tell(self) -> None:
        """Tell the meter of a rate that has changed: when it is lowered, and as it recovers."""
        rate = self.rate
        if rate != self._told:
            self._told = rate
            self._meter.lowered(math.inf if rate is None else rate)


def _refusal(wait: float) -> RateLimitReachedError:
    return RateLimitReachedError(
        f"The gateway's own rate limit allows the next request to this source in {wait:.3g} s: too late for this call.",
        retry_after=timedelta(seconds=wait),
    )
