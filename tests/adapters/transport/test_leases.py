"""When a value that ends is fetched again: by its own time, whatever the clock does."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from adapters.errors import UnreachableError
from tests.adapters.transport.leasing import DOWN, PAUSE, held_renewal, lease, renewal_of
from tests.adapters.transport.playing import an_inquiry
from tests.clock import START, VirtualClock


async def test_what_is_about_to_end_is_renewed_before() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first"), lease("second", ends=200, renewed=180))
    await renewal.get(an_inquiry(clock))

    await clock.advance(79)
    assert await renewal.get(an_inquiry(clock)) == "first"
    await clock.advance(1)
    assert await renewal.get(an_inquiry(clock)) == "second"

    assert len(upstream.asked) == 2


async def test_what_is_still_good_is_used_on_if_it_cannot_be_renewed() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first"), DOWN, DOWN, DOWN, DOWN)
    await renewal.get(an_inquiry(clock))
    await clock.advance(80)

    for _ in range(19):
        assert await renewal.get(an_inquiry(clock)) == "first"
        await clock.advance(1)
    assert len(upstream.asked) == 1 + 2  # at 80 and at 90

    await clock.advance(1)
    with pytest.raises(UnreachableError, match="down"):
        await renewal.get(an_inquiry(clock))


async def test_a_renewal_ahead_of_time_takes_at_most_half_of_what_its_caller_has_left() -> None:
    clock = VirtualClock()
    renewal, work = held_renewal(clock)
    first = asyncio.create_task(renewal.get(an_inquiry(clock)))
    await work.under_way()
    work.end(lease("first"))
    await first
    await clock.advance(80)

    renewing = asyncio.create_task(renewal.get(an_inquiry(clock, seconds=4)))
    await work.under_way()
    assert await renewal.get(an_inquiry(clock)) == "first"  # nobody else waits for it
    await clock.advance(2)

    assert await renewing == "first"
    assert work.cancelled == 1


async def test_what_has_ended_is_not_used_on() -> None:
    clock = VirtualClock()
    renewal, _ = renewal_of(clock, lease("first", renewed=None), DOWN)
    await renewal.get(an_inquiry(clock))
    await clock.advance(100)

    with pytest.raises(UnreachableError):
        await renewal.get(an_inquiry(clock))


async def test_what_never_ends_is_never_renewed_by_time() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first", ends=None, renewed=None))
    await renewal.get(an_inquiry(clock))
    await clock.advance(10**9)

    assert await renewal.get(an_inquiry(clock)) == "first"
    assert len(upstream.asked) == 1


async def test_what_slides_lasts_from_its_last_use() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first", slides=100), lease("second", ends=10**6, renewed=None))
    for _ in range(10):
        assert await renewal.get(an_inquiry(clock)) == "first"
        await clock.advance(79)
    assert renewal.lease is not None
    assert renewal.lease.expire_time == clock.now() + timedelta(seconds=100 - 79)
    assert renewal.lease.renew_time == clock.now() + timedelta(seconds=80 - 79)

    await clock.advance(1)

    assert await renewal.get(an_inquiry(clock)) == "second"
    assert len(upstream.asked) == 2


async def test_a_use_does_not_make_it_fresh() -> None:
    clock = VirtualClock()
    renewal, _ = renewal_of(clock, lease("first", slides=100), lease("second"))
    await renewal.get(an_inquiry(clock))
    await clock.advance(PAUSE)
    await renewal.get(an_inquiry(clock))

    assert await renewal.refused("first", an_inquiry(clock)) is True


@dataclass(slots=True)
class ResetClock(VirtualClock):
    """A clock whose time of day can be set."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic() - 1000) + self.ahead


async def test_a_clock_that_is_set_back_makes_nothing_last_longer() -> None:
    clock = ResetClock()
    renewal, _ = renewal_of(clock, lease("first"), lease("second"))
    await renewal.get(an_inquiry(clock))

    clock.ahead = -timedelta(days=1)
    await clock.advance(80)

    assert await renewal.get(an_inquiry(clock)) == "second"


async def test_a_clock_that_goes_too_fast_by_years_starts_no_storm() -> None:
    """All that the upstream gives out has ended long ago, as we see it; and yet the upstream takes it."""
    clock = ResetClock()
    renewal, upstream = renewal_of(clock, *(lease(str(number)) for number in range(9)))
    clock.ahead = timedelta(days=10_000)

    for _ in range(2 * PAUSE):
        await renewal.get(an_inquiry(clock))
        await clock.advance(1)

    assert len(upstream.asked) == 2
