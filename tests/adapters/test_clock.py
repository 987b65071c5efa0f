"""The machine's own time."""

import asyncio
from datetime import timedelta

import pytest

from adapters.clock import SystemClock


def test_the_time_of_day_is_in_utc() -> None:
    assert timedelta(0) == SystemClock().now().utcoffset()


@pytest.mark.parametrize("ago", [0, 1])
async def test_a_time_that_has_come_ends_what_waits(ago: float) -> None:
    clock = SystemClock()
    with pytest.raises(TimeoutError):
        async with clock.timeout_at(clock.monotonic() - ago):
            await asyncio.Event().wait()


async def test_what_has_no_end_is_not_ended() -> None:
    async with SystemClock().timeout_at(None) as timeout:
        assert timeout.when() is None
