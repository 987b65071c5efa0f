"""How late the event loop is, is looked at again and again."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
import structlog

from gateway.pipeline import Telemetry
from gateway.pipeline.telemetry.lag import LagWatch
from tests.clock import VirtualClock


@dataclass(slots=True)
class FakeTimer:
    """Is called when a test says so."""

    delay: float
    callback: Callable[[], object]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass(slots=True)
class FakeLoop:
    """An event loop that is as late as a test says."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    timers: list[FakeTimer] = field(default_factory=list)

    def call_later(self, delay: float, callback: Callable[[], object]) -> FakeTimer:
        self.timers.append(FakeTimer(delay, callback))
        return self.timers[-1]

    async def come(self, *, late: float) -> None:
        """Come to what is due next, so much later than it was due."""
        timer = self.timers.pop(0)
        await self.clock.advance(timer.delay + late)
        if not timer.cancelled:
            timer.callback()


async def test_each_look_tells_by_how_much_the_loop_was_late() -> None:
    loop, seen = FakeLoop(), list[float]()
    LagWatch(loop, loop.clock.monotonic, seen.append)

    for late in (0.5, 0.0, 0.25):
        await loop.come(late=late)

    assert pytest.approx([0.5, 0.0, 0.25]) == seen


async def test_a_loop_that_comes_a_trifle_early_is_not_late() -> None:
    loop, seen = FakeLoop(), list[float]()
    LagWatch(loop, loop.clock.monotonic, seen.append)

    await loop.come(late=-1e-9)

    assert [0.0] == seen


async def test_a_watch_that_was_stopped_looks_no_more() -> None:
    loop, seen = FakeLoop(), list[float]()
    watch = LagWatch(loop, loop.clock.monotonic, seen.append)

    watch.stop()
    await loop.come(late=0.5)

    assert [] == seen
    assert [] == loop.timers


async def test_the_loop_is_watched_while_the_gateway_runs() -> None:
    loop = FakeLoop()
    telemetry = Telemetry(structlog.wrap_logger(None, []), loop.clock)

    async with telemetry.watching(loop):
        await loop.come(late=0.02)
    await loop.come(late=0.04)

    assert 1 == telemetry.registry.get_sample_value("analytics_gateway_event_loop_lag_seconds_count")
    assert 0.02 == pytest.approx(telemetry.registry.get_sample_value("analytics_gateway_event_loop_lag_seconds_sum"))
