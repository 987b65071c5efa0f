"""The machine's own time."""

import asyncio
from datetime import timedelta

import pytest

from adapters.clock import SystemClock


def test_the_time_of_day_is_in_utc() -> None:
    assert timedelta(0) == SystemClock().now().utcoffset()


@pytest.mark.parametrize("ago", [0, 1])
async def test_what_is_to_be_called_at_a_time_that_has_come_is_called_in_another_turn(ago: float) -> None:
    clock, called = SystemClock(), asyncio.Event()
    clock.call_at(clock.monotonic() - ago, called.set)
    assert not called.is_set()

    await asyncio.wait_for(called.wait(), 10)


async def test_what_was_cancelled_is_not_called() -> None:
    clock, called, later = SystemClock(), asyncio.Event(), asyncio.Event()
    clock.call_at(clock.monotonic(), called.set).cancel()
    clock.call_at(clock.monotonic(), later.set)

    await asyncio.wait_for(later.wait(), 10)

    assert not called.is_set()


async def test_a_moment_is_the_same_on_the_clock_and_on_the_event_loop() -> None:
    clock, loop = SystemClock(), asyncio.get_running_loop()

    assert clock.monotonic() <= loop.time() <= clock.monotonic()
