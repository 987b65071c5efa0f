"""A rate limiter, those who want a turn, and what is counted."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from adapters.inquiry import Inquiry
from adapters.meter import Unmetered
from adapters.sharing import SharedLimits
from adapters.transport.limiter import RateLimiter
from tests.clock import VirtualClock, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """As the settings have it."""

    rate: float | None = 1.0
    burst: int = 1


class LateClock(VirtualClock):
    """A clock whose sleepers may be woken late, as on a busy machine."""

    def jump(self, seconds: float) -> None:
        """Move, and wake nobody yet."""
        self._elapsed += seconds


class Counts(Unmetered):
    """Remembers what a limiter tells."""

    def __init__(self) -> None:
        self.refusals = 0
        self.waits: list[float] = []
        self.rates: list[float] = []

    def waited(self, limit: str, seconds: float) -> None:
        assert limit == "rate_limit"
        self.waits.append(seconds)

    def refused(self, by: str) -> None:
        assert by == "rate_limit"
        self.refusals += 1

    def lowered(self, rate: float) -> None:
        self.rates.append(rate)


@dataclass
class Tried:
    """A limiter, and who has been let through, in their order."""

    limiter: RateLimiter
    clock: LateClock
    counts: Counts
    through: list[str] = field(default_factory=list)

    def inquiry(self, seconds: float = 60.0) -> Inquiry:
        return Inquiry(source="docs", clock=self.clock, deadline=self.clock.monotonic() + seconds)

    async def come(self, name: str, seconds: float = 60.0) -> asyncio.Task[None]:
        """Somebody who wants a turn, and has stood in line by the time that this returns."""
        task = asyncio.create_task(self._turn(name, self.inquiry(seconds)))
        await settle()
        return task

    async def _turn(self, name: str, inquiry: Inquiry) -> None:
        await self.limiter.turn(inquiry)
        self.through.append(name)


def trying(*, rate: float | None = 1.0, burst: int = 1, shared: SharedLimits | None = None) -> Tried:
    """A limiter on a clock of its own."""
    clock, counts = LateClock(), Counts()
    policy = Policy(rate=rate, burst=burst)
    limiter = RateLimiter(policy, clock=clock, meter=counts, shared=shared, key="docs")
    return Tried(limiter, clock, counts)


@asynccontextmanager
async def ended(*tasks: asyncio.Task[None]) -> AsyncGenerator[None]:
    """End those who still wait when the test is over."""
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
