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


_GRAIN = 0.0015
"""Seconds by which an event loop may come too early: uvloop counts whole milliseconds, begun and rounded ones too."""


class SystemClock:
    """The machine's own time."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        return datetime.now(UTC)

    monotonic = staticmethod(time.monotonic)
    """Seconds since the machine started. As it is: a call is timed at fourscore places."""

    async def sleep(self, seconds: float) -> None:
        """Wait for so long."""
        await asyncio.sleep(seconds + _GRAIN if seconds > 0 else 0)

    def call_at(self, when: float, callback: Callable[[], object]) -> Alarm:
        """Call once `monotonic()` has reached `when`, in a turn of the event loop of its own."""
        left = when - time.monotonic()
        return asyncio.get_running_loop().call_later(left + _GRAIN if left > 0 else 0, callback)
