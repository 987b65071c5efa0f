"""Requests that go one after another, at a rate."""

import asyncio
from datetime import timedelta

import pytest
from multidict import CIMultiDict

from adapters.errors import RateLimitReachedError
from tests.adapters.transport.limiting import ended, trying
from tests.adapters.transport.waiting import no_complaints
from tests.clock import settle


async def test_a_burst_goes_at_once_and_the_rest_at_the_rate_in_their_order() -> None:
    tried = trying(rate=2.0, burst=3)
    tasks = [await tried.come(name) for name in "abcdef"]
    assert tried.through == list("abc")

    await tried.clock.advance(0.5)
    assert tried.through == list("abcd")
    await tried.clock.advance(0.5)
    await tried.clock.advance(0.5)
    assert tried.through == list("abcdef")
    await asyncio.gather(*tasks)


async def test_what_is_not_used_is_saved_up_to_the_burst() -> None:
    tried = trying(rate=1.0, burst=2)
    await asyncio.gather(*[await tried.come(name) for name in "ab"])
    await tried.clock.advance(100)

    tasks = [await tried.come(name) for name in "cde"]

    async with ended(*tasks):
        assert tried.through == list("abcd")


async def test_without_a_rate_nobody_waits() -> None:
    tried = trying(rate=None)
    await asyncio.gather(*[await tried.come(str(number)) for number in range(1000)])

    assert (tried.limiter.rate, tried.limiter.is_lowered, tried.counts.waits) == (None, False, [])


async def test_a_wait_that_does_not_fit_is_refused_at_once() -> None:
    tried = trying(rate=0.5)
    first, second = await tried.come("a"), await tried.come("b", seconds=10)

    with pytest.raises(RateLimitReachedError, match="in 4 s: too late") as refused:
        await tried.limiter.turn(tried.inquiry(seconds=3.9))

    async with ended(first, second):
        assert refused.value.retry_after == timedelta(seconds=4)
        assert tried.counts.refusals == 1


async def test_who_leaves_has_taken_no_token() -> None:
    tried = trying(rate=1.0)
    tasks = [await tried.come(name) for name in "abcd"]
    tasks[1].cancel()
    tasks[2].cancel()
    await settle()

    await tried.clock.advance(1)

    assert tried.through == ["a", "d"]
    await tasks[3]


async def test_nobody_overtakes_one_who_is_woken_late() -> None:
    tried = trying(rate=1.0)
    tasks = [await tried.come(name) for name in "ab"]
    tried.clock.jump(1)

    tasks.append(await tried.come("c"))
    await tried.clock.advance(0)

    async with ended(*tasks):
        assert tried.through == ["a", "b"]


async def test_waiting_is_waiting_and_is_told() -> None:
    tried = trying(rate=1.0)
    await tried.limiter.turn(tried.inquiry())
    inquiry = tried.inquiry()
    waiting = asyncio.create_task(tried.limiter.turn(inquiry))
    await settle()

    await tried.clock.advance(1)
    await waiting

    assert (inquiry.waited, tried.counts.waits) == (1.0, [1.0])


async def test_a_429_lowers_the_rate_for_a_while_and_nothing_is_saved_up() -> None:
    tried = trying(rate=10.0, burst=20)
    for _ in range(20):
        await tried.limiter.turn(tried.inquiry())

    tried.limiter.heard(429, {})

    # Of the two per second that were sent in the last ten seconds, half are left.
    assert (tried.limiter.rate, tried.limiter.is_lowered) == (1.0, True)
    await tried.clock.advance(5)
    tasks = [await tried.come(name) for name in "ab"]
    async with ended(*tasks):
        assert tried.through == ["a"]


async def test_a_lowered_rate_recovers_and_each_step_is_told() -> None:
    tried = trying(rate=2.0)
    tried.limiter.heard(429, {})
    for _ in range(9):
        await tried.clock.advance(10)
        await tried.limiter.turn(tried.inquiry())

    assert tried.counts.rates == pytest.approx([2.0, 0.5, 0.7, 0.9, 1.1, 1.3, 1.5, 1.7, 1.9, 2.0])
    assert not tried.limiter.is_lowered


async def test_retry_after_holds_back_everybody_and_five_minutes_at_most() -> None:
    tried = trying(rate=None)

    tried.limiter.heard(429, CIMultiDict({"Retry-After": "30"}))
    waiting = await tried.come("a")
    await tried.clock.advance(29)
    assert tried.through == []
    await tried.clock.advance(1)
    await waiting
    assert tried.through == ["a"]

    tried.limiter.heard(429, CIMultiDict({"Retry-After": "86400"}))
    with pytest.raises(RateLimitReachedError) as refused:
        await tried.limiter.turn(tried.inquiry())
    assert refused.value.retry_after is not None
    assert refused.value.retry_after == timedelta(minutes=5)


async def test_those_in_line_who_come_too_late_now_are_refused_now() -> None:
    tried = trying(rate=1.0)
    async with no_complaints():
        tasks = [await tried.come(str(number), seconds=10) for number in range(5)]

        tried.limiter.heard(429, CIMultiDict({"Retry-After": "8"}))
        await settle()

        assert [isinstance(task.exception() if task.done() else None, RateLimitReachedError) for task in tasks] == [
            False,
            False,
            True,
            True,
            True,
        ]
        await tried.clock.advance(8)
        assert tried.through == ["0", "1"]


@pytest.mark.parametrize(
    ("headers", "rate"),
    [
        ({"RateLimit": '"default";r=5;t=10'}, 0.5),
        ({"X-RateLimit-Remaining": "8", "X-RateLimit-Reset": "10"}, 0.8),
        # Twice as much as is used.
        ({"RateLimit": '"default";r=20;t=10'}, 10.0),
    ],
)
async def test_an_allowance_that_would_not_last_lowers_the_rate_to_what_does(
    headers: dict[str, str], rate: float
) -> None:
    tried = trying(rate=10.0, burst=10)
    for _ in range(10):
        await tried.limiter.turn(tried.inquiry())

    tried.limiter.heard(200, CIMultiDict(headers))

    assert tried.limiter.rate == rate


async def test_when_nothing_is_left_nothing_is_sent_until_there_is() -> None:
    tried = trying(rate=None)
    await tried.limiter.turn(tried.inquiry())

    tried.limiter.heard(200, CIMultiDict({"RateLimit": '"default";r=0;t=5'}))
    assert tried.limiter.is_lowered
    waiting = await tried.come("a")
    await tried.clock.advance(5)

    await waiting
    assert not tried.limiter.is_lowered


@pytest.mark.parametrize("rate", [None, 100.0])
async def test_when_nothing_is_left_what_was_saved_up_does_not_help(rate: float | None) -> None:
    tried = trying(rate=rate, burst=50)
    await tried.limiter.turn(tried.inquiry())
    tried.limiter.heard(200, CIMultiDict({"RateLimit": '"default";r=0;t=5'}))

    task = await tried.come("a")
    assert tried.through == []

    await tried.clock.advance(5)
    async with ended(task):
        assert tried.through == ["a"]
