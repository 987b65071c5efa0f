"""How long something may take."""

import asyncio

import pytest

from adapters.clock import SystemClock
from adapters.timeout import Timeout
from tests.clock import VirtualClock, settle


@pytest.mark.parametrize("ago", [0, 1])
async def test_a_time_that_has_come_ends_what_waits(ago: float) -> None:
    clock = SystemClock()
    with pytest.raises(TimeoutError), Timeout(clock, clock.monotonic() - ago):
        await asyncio.Event().wait()


async def test_what_does_not_wait_is_not_ended() -> None:
    clock = VirtualClock()
    with Timeout(clock, clock.monotonic()):
        done = True

    await settle()
    assert done


async def test_what_has_ended_is_not_cancelled_later() -> None:
    clock = VirtualClock()
    with Timeout(clock, clock.monotonic() + 1):
        pass

    await clock.advance(2)


async def test_a_cancellation_that_meets_the_timeout_is_not_lost() -> None:
    clock = VirtualClock()

    async def waits() -> None:
        with Timeout(clock, clock.monotonic() + 1):
            await asyncio.Event().wait()

    task = asyncio.create_task(waits())
    await settle()
    clock.call_at(clock.monotonic() + 1, task.cancel)
    await clock.advance(1)

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_that_comes_of_being_ended_is_not_hidden() -> None:
    clock = VirtualClock()

    async def fails_at_its_end() -> None:
        with Timeout(clock, clock.monotonic() + 1):
            try:
                await asyncio.Event().wait()
            finally:
                raise ValueError("found broken on the way out")

    task = asyncio.create_task(fails_at_its_end())
    await settle()
    await clock.advance(1)

    with pytest.raises(ValueError, match="found broken"):
        await task
    assert task.cancelling() == 0


async def test_it_can_be_moved_until_it_has_passed() -> None:
    clock, timeout = VirtualClock(), []

    async def waits() -> None:
        timeout.append(Timeout(clock, clock.monotonic() + 1))
        with timeout[0]:
            await asyncio.Event().wait()

    task = asyncio.create_task(waits())
    await settle()
    timeout[0].reschedule(clock.monotonic() + 3)
    await clock.advance(2)
    assert not task.done()
    await clock.advance(1)

    with pytest.raises(TimeoutError):
        await task


async def test_it_is_for_what_a_task_awaits() -> None:
    clock, told = VirtualClock(), asyncio.get_running_loop().create_future()

    def enter() -> None:
        try:
            Timeout(clock, clock.monotonic()).__enter__()
        except RuntimeError as error:
            told.set_result(str(error))

    asyncio.get_running_loop().call_soon(enter)

    assert "task" in await told
