"""Time, as everything here gets it: handed in, so that tests can move it."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Alarm(Protocol):
    """What `Clock.call_at` has set."""

    def cancel(self) -> None:
        """Do not call. Of no effect once it has."""
        ...


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

    def call_at(self, when: float, callback: Callable[[], object]) -> Alarm:
        """Call once `monotonic()` has reached `when`, in a turn of the event loop of its own."""
        ...


class SystemClock:
    """The machine's own time, which is also that of asyncio's own event loops: a moment on one is one on the other."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    monotonic = staticmethod(time.monotonic)
    """Seconds on the event loop's own scale. As it is: a call is timed at fourscore places."""

    async def sleep(self, seconds: float) -> None:
        """Wait for so long."""
        await asyncio.sleep(seconds)

    def call_at(self, when: float, callback: Callable[[], object]) -> Alarm:
        """Call once `monotonic()` has reached `when`, in a turn of the event loop of its own."""
        return asyncio.get_running_loop().call_at(when, callback)
