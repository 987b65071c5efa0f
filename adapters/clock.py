"""Time, as everything here gets it: handed in, so that tests can move it."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time and waits. The only way in which this code does either."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds on a scale that never goes back; its zero means nothing."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for so long."""
        ...

    def timeout_at(self, when: float | None) -> asyncio.Timeout:
        """A context that raises TimeoutError once `monotonic()` has reached `when`; None is never."""
        ...

    def reschedule(self, timeout: asyncio.Timeout, when: float) -> None:
        """Let a timeout of `timeout_at`, which has been entered and has not passed, pass at another time."""
        ...


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    monotonic = staticmethod(time.monotonic)
    """Seconds on the event loop's own scale. As it is: a call is timed at fourscore places."""

    async def sleep(self, seconds: float) -> None:
        """Wait for so long."""
        await asyncio.sleep(seconds)

    def timeout_at(self, when: float | None) -> asyncio.Timeout:
        """A context that raises TimeoutError once `monotonic()` has reached `when`; None is never."""
        if when is None:
            return asyncio.timeout(None)
        return asyncio.timeout(when - time.monotonic())

    def reschedule(self, timeout: asyncio.Timeout, when: float) -> None:
        """Let a timeout of `timeout_at`, which has been entered and has not passed, pass at another time."""
        if not timeout.expired():
            timeout.reschedule(asyncio.get_running_loop().time() + when - time.monotonic())
