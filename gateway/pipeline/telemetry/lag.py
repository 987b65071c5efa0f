"""How late the event loop comes to what is due: all calls wait so long, each time it is their turn."""

from collections.abc import Callable
from typing import Protocol

_INTERVAL = 0.25
"""Seconds between two looks: four a second cost nothing, and meet any block that somebody could notice."""


class Timer(Protocol):
    """Something that will be called."""

    def cancel(self) -> None:
        """Call it no more."""
        ...


class Loop(Protocol):
    """What is needed of an event loop."""

    def call_later(self, delay: float, callback: Callable[[], object]) -> Timer:
        """Call back after so many seconds, or as soon after them as the loop can."""
        ...


class LagWatch:
    """Looks again and again how late it is called, until it is stopped."""

    def __init__(self, loop: Loop, monotonic: Callable[[], float], observe: Callable[[float], None]) -> None:
        """Tell `observe` each time, in seconds, beginning now. `monotonic` tells the time."""
        self._loop = loop
        self._monotonic = monotonic
        self._observe = observe
        self._arm()

    def stop(self) -> None:
        """Look no more."""
        self._timer.cancel()

    def _arm(self) -> None:
        self._due = self._monotonic() + _INTERVAL
        self._timer = self._loop.call_later(_INTERVAL, self._look)

    def _look(self) -> None:
        # A loop that counts in milliseconds comes a trifle early, sometimes.
        self._observe(max(0.0, self._monotonic() - self._due))
        self._arm()
