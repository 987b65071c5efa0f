"""What stands between the questions and an upstream stands there in the order that is written down."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from adapters.errors import UpstreamFailedError, UpstreamTimeoutError
from adapters.inquiry import Inquiry
from adapters.meter import Unmetered
from adapters.settings import SourceSettings
from adapters.transport.attempts import Attempts
from adapters.transport.breaker import Breaker, Verdict
from adapters.transport.budget import RetryBudget
from adapters.transport.bulkhead import Bulkhead
from adapters.transport.guard import Guard
from adapters.transport.limiter import RateLimiter
from adapters.transport.retry import Retry
from tests.adapters.transport.playing import an_inquiry
from tests.clock import VirtualClock

T = TypeVar("T")


class Seen(list[str]):
    """What was entered and left, in that order."""


class SeenBulkhead(Bulkhead):
    def __init__(self, settings: SourceSettings, seen: Seen) -> None:
        super().__init__(settings.limits, meter=Unmetered())
        self.seen = seen

    async def enter(self, inquiry: Inquiry) -> None:
        self.seen.append("bulkhead")
        await super().enter(inquiry)

    def leave(self) -> None:
        self.seen.append("/bulkhead")
        super().leave()


class SeenBudget(RetryBudget):
    def __init__(self, settings: SourceSettings, seen: Seen) -> None:
        super().__init__(settings.retry)
        self.seen = seen

    def spend(self, now: float) -> bool:
        self.seen.append("budget")
        return super().spend(now)


class SeenRetry(Retry):
    def __init__(self, settings: SourceSettings, seen: Seen, clock: VirtualClock) -> None:
        super().__init__(
            settings.retry,
            budget=SeenBudget(settings, seen),
            clock=clock,
            random=random.Random(1),
            meter=Unmetered(),
            is_in_vain=lambda: False,
        )
        self.seen = seen

    async def __call__(self, attempt: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        self.seen.append("retry")
        try:
            return await super().__call__(attempt, inquiry)
        finally:
            self.seen.append("/retry")


class SeenBreaker(Breaker):
    def __init__(self, settings: SourceSettings, seen: Seen, clock: VirtualClock) -> None:
        super().__init__(settings.breaker, clock=clock, random=random.Random(1), meter=Unmetered())
        self.seen = seen

    def enter(self) -> int:
        self.seen.append("breaker")
        return super().enter()

    def settle(self, era: int, verdict: Verdict) -> None:
        self.seen.append(f"/breaker {verdict}")
        super().settle(era, verdict)


class SeenLimiter(RateLimiter):
    def __init__(self, settings: SourceSettings, seen: Seen, clock: VirtualClock) -> None:
        super().__init__(settings.limits, clock=clock, meter=Unmetered(), shared=None, key="crm")
        self.seen = seen

    async def turn(self, inquiry: Inquiry) -> None:
        self.seen.append("rate limit")
        await super().turn(inquiry)


class SeenAttempts(Attempts):
    def __init__(self, settings: SourceSettings, seen: Seen) -> None:
        super().__init__(settings.attempt_timeout, Unmetered())
        self.seen = seen

    async def send(self, exchange: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        self.seen.append("attempt timeout")
        try:
            return await super().send(exchange, inquiry)
        finally:
            self.seen.append("/attempt timeout")


def seen_guard(seen: Seen, clock: VirtualClock) -> Guard:
    settings = SourceSettings(kind="played")
    return Guard(
        bulkhead=SeenBulkhead(settings, seen),
        retry=SeenRetry(settings, seen, clock),
        breaker=SeenBreaker(settings, seen, clock),
        limiter=SeenLimiter(settings, seen, clock),
        attempts=SeenAttempts(settings, seen),
        least_timeout=4,
    )


async def test_the_order_is_the_one_that_is_written_down() -> None:
    """Bulkhead, time left, retry with its budget, breaker, rate limit, attempt timeout, HTTP."""
    seen, clock = Seen(), VirtualClock(flowing=True)
    guard = seen_guard(seen, clock)
    outcomes = [UpstreamFailedError("503."), None]

    async def exchange() -> str:
        seen.append("HTTP")
        if (error := outcomes.pop(0)) is not None:
            raise error
        return "answer"

    async def attempt() -> str:
        return await guard.send(exchange, inquiry)

    inquiry = an_inquiry(clock)
    assert await guard.ask(attempt, inquiry) == "answer"

    sending = ["breaker", "rate limit", "attempt timeout", "HTTP", "/attempt timeout"]
    first, second = [*sending, "/breaker failed"], [*sending, "/breaker answered"]
    assert seen == ["bulkhead", "retry", *first, "budget", *second, "/retry", "/bulkhead"]


async def test_who_has_no_time_left_takes_nothing_but_the_place_it_leaves_at_once() -> None:
    seen, clock = Seen(), VirtualClock()
    guard = seen_guard(seen, clock)

    with pytest.raises(UpstreamTimeoutError, match="No time was left"):
        await guard.ask(asyncio.Event().wait, an_inquiry(clock, seconds=0))

    assert seen == ["bulkhead", "/bulkhead"]
