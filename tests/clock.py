"""A clock that a test moves by hand."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

START = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


@dataclass(slots=True, eq=False)
class VirtualAlarm:
    """Goes off once, unless it was cancelled."""

    callback: Callable[[], object]
    is_set: bool = True

    def go_off(self) -> None:
        if self.is_set:
            self.is_set = False
            self.callback()

    def cancel(self) -> None:
        """Do not go off."""
        self.is_set = False


@dataclass(slots=True)
class VirtualClock:
    """Stands still until `advance` moves it; then all that waited for the time passed goes on, in order.

    With `flowing`, a sleep moves the clock by itself: nothing ever waits, and `slept` tells for how long it would have.
    """

    flowing: bool = False
    slept: list[float] = field(default_factory=list)
    _elapsed: float = 0.0
    _sleepers: list[tuple[float, asyncio.Future[None]]] = field(default_factory=list)
    _alarms: list[tuple[float, VirtualAlarm]] = field(default_factory=list)

    def now(self) -> datetime:
        """The virtual time of day, UTC."""
        return START + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Virtual seconds."""
        return 1000.0 + self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved so far."""
        self.slept.append(seconds)
        if self.flowing or seconds <= 0:
            await self.advance(max(seconds, 0.0))
            return
        woken = asyncio.get_running_loop().create_future()
        self._sleepers.append((self.monotonic() + seconds, woken))
        await woken

    def call_at(self, when: float, callback: Callable[[], object]) -> VirtualAlarm:
        """Call when `advance` has moved the clock so far."""
        alarm = VirtualAlarm(callback)
        if when <= self.monotonic():
            asyncio.get_running_loop().call_soon(alarm.go_off)
        else:
            self._alarms.append((when, alarm))
        return alarm

    def pass_by(self, seconds: float) -> None:
        """Let time pass while something is done: whoever waits for it is told at the next `advance`."""
        self._elapsed += seconds

    async def advance(self, seconds: float) -> None:
        """Move the clock, and give all that waits for it a turn."""
        self._elapsed += seconds
        now = self.monotonic()
        for when, woken in sorted(self._sleepers, key=lambda sleeper: sleeper[0]):
            if when <= now and not woken.done():
                woken.set_result(None)
        self._sleepers = [(when, woken) for when, woken in self._sleepers if not woken.done()]
        # Each may set others, and cancel some.
        due = sorted([each for each in self._alarms if each[0] <= now], key=lambda alarm: alarm[0])
        self._alarms = [(when, alarm) for when, alarm in self._alarms if when > now and alarm.is_set]
        for _, alarm in due:
            alarm.go_off()
        await settle()


async def settle() -> None:
    """Let every task that can go on without outside events do so."""
    for _ in range(20):
        await asyncio.sleep(0)
