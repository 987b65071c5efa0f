"""Rate limits across replicas, in a real server.

The rates are of one request in a thousand seconds: the time that a test takes is nothing beside it.
"""

import asyncio

import pytest

from tests.gateway.shared.conftest import Replica
from tests.gateway.shared.running import asking
from tests.redis_process import RedisProcess

SLOW = 0.001


def thousands(waits: list[float | None]) -> list[int | None]:
    """How many thousand seconds are to be waited, each up to a minute of the test's own less."""
    return [None if wait is None else round((wait + 30) / 1000) for wait in waits]


async def test_the_burst_and_the_rate_hold_for_all_replicas_together(replica: Replica) -> None:
    async with replica() as one, replica() as other:
        waits = [
            await each.limits.reserve("docs", rate=SLOW, burst=3, longest_wait=1e6)
            for each in (one, other, one, other, one, other)
        ]

        assert thousands(waits) == [0, 0, 0, 1, 2, 3]


async def test_those_who_come_together_have_turns_of_their_own(replica: Replica) -> None:
    async with replica() as one, replica() as other:
        waits = await asyncio.gather(
            *[
                each.limits.reserve("docs", rate=SLOW, burst=1, longest_wait=1e6)
                for each in (one, other)
                for _ in range(10)
            ]
        )

        assert sorted(wait or 0 for wait in thousands(waits)) == list(range(20))


async def test_a_wait_that_is_too_long_takes_no_token(replica: Replica) -> None:
    async with replica() as one:
        waits = [
            await one.limits.reserve("docs", rate=SLOW, burst=1, longest_wait=longest) for longest in (0, 10, 10, 1e6)
        ]

        assert thousands(waits) == [0, 1, 1, 1]


async def test_a_token_that_was_given_back_is_there_for_the_next(replica: Replica) -> None:
    async with replica() as one:
        for _ in range(2):
            await one.limits.reserve("docs", rate=SLOW, burst=1, longest_wait=1e6)
        one.limits.give_back("docs", rate=SLOW)
        one.cache.put("docs:done", b"done", 60)
        while await one.cache.get("docs:done") is None:
            pass

        assert thousands([await one.limits.reserve("docs", rate=SLOW, burst=1, longest_wait=1e6)]) == [1]


async def test_limits_know_nothing_of_each_other_and_are_forgotten_when_they_are_full(
    replica: Replica, redis: RedisProcess
) -> None:
    async with replica() as one, asking(redis.url) as server:
        for key in ("docs", "crm"):
            assert await one.limits.reserve(key, rate=SLOW, burst=1, longest_wait=0) == 0
        left = await server.run("PTTL", "analytics-gateway:1:limit:crm")

    assert isinstance(left, int)
    assert 0 < left <= 1_000_002


@pytest.mark.parametrize("rate", [0.0001, 0.3, 16.6, 1e6])
async def test_no_rate_is_too_slow_or_too_fast(replica: Replica, rate: float) -> None:
    async with replica() as one:
        for _ in range(20):
            assert await one.limits.reserve("docs", rate=rate, burst=1000, longest_wait=1) == 0


async def test_what_somebody_else_has_stored_is_not_believed(replica: Replica, redis: RedisProcess) -> None:
    async with replica() as one, asking(redis.url) as server:
        await server.run("SET", "analytics-gateway:1:limit:docs", "nonsense")

        assert await one.limits.reserve("docs", rate=1, burst=1, longest_wait=1) == 0
