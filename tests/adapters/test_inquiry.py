"""What a question's time does, and how its waits are counted."""

import asyncio
import math
from datetime import timedelta

import pytest

from adapters.clock import SystemClock
from adapters.errors import BeyondHorizonError
from adapters.inquiry import Inquiry
from tests.clock import VirtualClock, settle


def inquiry(clock: VirtualClock, *, seconds: float = 10) -> Inquiry:
    return Inquiry(source="crm", clock=clock, deadline=clock.monotonic() + seconds)


async def held(one: Inquiry, seconds: float) -> None:
    with one.within(seconds):
        await asyncio.Event().wait()


async def begun(one: Inquiry, seconds: float) -> asyncio.Task[None]:
    task = asyncio.create_task(held(one, seconds))
    await settle()
    return task


@pytest.mark.parametrize(("seconds", "ends_after"), [(3, 3), (20, 10), (math.inf, 10)])
async def test_a_bound_passes_after_its_seconds_or_at_the_deadline(seconds: float, ends_after: float) -> None:
    clock = VirtualClock()
    task = await begun(inquiry(clock), seconds)

    await clock.advance(ends_after - 0.1)
    assert not task.done()
    await clock.advance(0.1)

    with pytest.raises(TimeoutError):
        await task


async def test_a_bound_moves_with_the_deadline_and_not_beyond_its_own_seconds() -> None:
    clock = VirtualClock()
    one = inquiry(clock)
    short, long = await begun(one, 12), await begun(one, 60)
    one.extend(clock.monotonic() + 30)

    await clock.advance(12)
    with pytest.raises(TimeoutError):
        await short
    assert not long.done()
    await clock.advance(18)

    with pytest.raises(TimeoutError):
        await long


async def test_a_deadline_is_never_shortened() -> None:
    clock = VirtualClock()
    one = inquiry(clock)
    task = await begun(one, 60)

    one.extend(clock.monotonic() + 1)
    await clock.advance(1)

    assert (task.done(), one.remaining()) == (False, 9)
    await clock.advance(9)
    with pytest.raises(TimeoutError):
        await task


async def test_what_ends_in_time_is_not_disturbed_afterwards() -> None:
    clock = VirtualClock()
    one = inquiry(clock)
    with one.within(3):
        pass

    one.extend(clock.monotonic() + 30)
    await clock.advance(60)

    assert one.remaining() == 0


async def test_who_is_cancelled_by_somebody_else_as_well_stays_so() -> None:
    clock = VirtualClock()
    one = inquiry(clock)
    task = await begun(one, 3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    both = asyncio.create_task(held(one, 3))
    await asyncio.sleep(0)
    clock.call_at(clock.monotonic() + 3, both.cancel)
    await clock.advance(3)

    with pytest.raises(asyncio.CancelledError):
        await both


async def test_of_two_bounds_the_one_that_has_passed_ends_what_is_inside_it() -> None:
    clock = VirtualClock()
    one = inquiry(clock)
    ended: list[str] = []

    async def nested(outer: float, inner: float) -> None:
        try:
            with one.within(outer):
                try:
                    await held(one, inner)
                except TimeoutError:
                    ended.append("inner")
                await asyncio.sleep(0)
        except TimeoutError:
            ended.append("outer")

    first, second = asyncio.create_task(nested(4, 2)), asyncio.create_task(nested(2, 4))
    await settle()
    await clock.advance(2)
    await asyncio.gather(first, second)

    assert sorted(ended) == ["inner", "outer"]
    assert (first.cancelling(), second.cancelling()) == (0, 0)


async def test_a_bound_that_has_passed_does_not_pass_again_while_what_is_inside_takes_its_leave() -> None:
    clock = VirtualClock()
    one = inquiry(clock, seconds=3)

    async def leaves_slowly() -> None:
        with one.within(60):
            try:
                await asyncio.Event().wait()
            finally:
                await clock.sleep(40)

    task = asyncio.create_task(leaves_slowly())
    await settle()
    await clock.advance(3)
    one.extend(clock.monotonic() + 30)

    await clock.advance(31)
    assert not task.done()
    await clock.advance(10)

    with pytest.raises(TimeoutError):
        await task


async def test_another_failure_at_the_last_moment_is_not_hidden() -> None:
    clock = VirtualClock()
    one = inquiry(clock)

    async def fails() -> None:
        with one.within(3):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError as error:
                raise LookupError from error

    task = asyncio.create_task(fails())
    await settle()
    await clock.advance(3)

    with pytest.raises(LookupError):
        await task


async def test_no_bound_is_left_behind_on_the_machines_own_clock() -> None:
    clock = SystemClock()
    one = Inquiry(source="crm", clock=clock, deadline=clock.monotonic() + 60)
    with one.within(30):
        one.extend(clock.monotonic() + 90)
    with pytest.raises(TimeoutError), one.within(0):
        await asyncio.Event().wait()

    one.extend(clock.monotonic() + 120)
    await settle()

    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_where_several_wait_at_once_the_time_counts_once() -> None:
    clock = VirtualClock()
    one = inquiry(clock)
    with one.waiting():
        await clock.advance(1)
        with one.waiting():
            await clock.advance(2)
        assert (one.waited, one.waited_by_now()) == (0, 3)
    await clock.advance(4)
    with one.waiting():
        await clock.advance(0.5)

    assert (one.waited, one.waited_by_now()) == (3.5, 3.5)


def test_what_is_missing_keeps_its_reason_and_nothing_that_was_in_hand() -> None:
    """An answer may be kept for a day, and with it the reasons why it is not whole."""
    one = inquiry(VirtualClock())
    with pytest.raises(BeyondHorizonError) as caught:
        raise BeyondHorizonError("Too long ago.", retry_after=timedelta(seconds=3)) from KeyError("a cause")
    one.miss("things", caught.value)

    told = one.missing["things"]
    assert (type(told), str(told), told.retry_after) == (BeyondHorizonError, "Too long ago.", timedelta(seconds=3))
    assert (told.__traceback__, told.__cause__, told.__context__) == (None, None, None)
