"""The machine's own time."""

import asyncio
import socket
from datetime import timedelta
from functools import partial

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


async def test_nothing_is_called_before_its_time() -> None:
    clock, early = SystemClock(), list[float]()
    due = [clock.monotonic() + tenth / 10_000 for tenth in range(60)]
    called = [asyncio.Event() for _ in due]

    def call(when: float, event: asyncio.Event) -> None:
        early.append(max(0.0, when - clock.monotonic()))
        event.set()

    for when, event in zip(due, called, strict=True):
        clock.call_at(when, partial(call, when, event))
    await asyncio.wait_for(asyncio.gather(*(event.wait() for event in called)), 10)

    assert [0.0] * len(due) == early


@pytest.mark.parametrize("ago", [0.0, 0.0005, 0.001, 1.0])
async def test_what_is_due_already_is_called_before_what_is_heard_is_acted_on(ago: float) -> None:
    clock, loop, called, was_called = SystemClock(), asyncio.get_running_loop(), asyncio.Event(), asyncio.Queue[bool]()
    here, there = socket.socketpair()

    def hear() -> None:
        loop.remove_reader(here)
        loop.call_soon(lambda: was_called.put_nowait(called.is_set()))

    with here, there:
        loop.add_reader(here, hear)
        clock.call_at(clock.monotonic() - ago, called.set)
        there.send(b"x")

        assert await was_called.get()


async def test_nobody_sleeps_less_than_was_asked() -> None:
    clock = SystemClock()

    async def slept(seconds: float) -> float:
        begun = clock.monotonic()
        await clock.sleep(seconds)
        return clock.monotonic() - begun

    asked = [tenth / 10_000 for tenth in range(60)]
    for seconds, took in zip(asked, await asyncio.gather(*map(slept, asked)), strict=True):
        assert seconds <= took
