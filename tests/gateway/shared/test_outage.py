"""A real server that is killed, hangs and comes back while replicas use it: they get less, and notice nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.shared import Shared
from gateway.shared.reach import PAUSE
from tests.adapters.transport.waiting import no_complaints
from tests.clock import settle
from tests.gateway.shared.conftest import Replica, WatchedClock
from tests.gateway.shared.running import Counts, Log
from tests.redis_process import RedisProcess

TIMEOUT = 0.05
STEP = 0.0625
"""By which time passes here: a little more than the timeout, and exact."""

VALUE = b"value" * 1000


class Load:
    """Users of one replica, who never stop. What is wrong with an answer, they raise."""

    def __init__(self, shared: Shared, clock: WatchedClock) -> None:
        self._shared = shared
        self._clock = clock
        self.answers = 0
        self.served = 0
        self.slowest = 0.0
        self._progress = asyncio.Event()

    async def use(self, number: int) -> None:
        while True:
            key = f"docs:{number % 7}"
            started = self._clock.monotonic()
            value = await self._shared.cache.get(key)
            assert value in {None, VALUE}
            self._timed(started)
            self._shared.cache.put(key, VALUE, 60)
            if await self._shared.cache.lease(key, 60):
                self._shared.cache.release(key)
            wait = await self._shared.limits.reserve("docs", rate=1e6, burst=1000, longest_wait=1)
            assert wait is None or 0 <= wait <= 1
            self.answers += 1
            self.served += value is not None and wait is not None
            self._progress.set()
            number += 1
            # Where nothing is asked there is nothing to wait for, and the others want a turn.
            await asyncio.sleep(0)

    def _timed(self, started: float) -> None:
        self.slowest = max(self.slowest, self._clock.monotonic() - started)

    async def goes_on(self, answers: int = 200) -> None:
        """Return after so many more answers of whatever kind."""
        enough = self.answers + answers
        while self.answers < enough:
            self._progress.clear()
            await self._progress.wait()

    async def is_served(self) -> None:
        """Return after the server has answered somebody again."""
        enough = self.served + 1
        while self.served < enough:
            self._progress.clear()
            await self._progress.wait()


@asynccontextmanager
async def loaded(replica: Replica, clock: WatchedClock, log: Log) -> AsyncIterator[Load]:
    """Twenty users of a replica, who are served. In the end, none of them has met an error."""
    async with no_complaints(), replica() as shared:
        assert (await log.next())["event"] == "sharing_up"
        load = Load(shared, clock)
        users = [asyncio.create_task(load.use(number)) for number in range(20)]
        try:
            await load.is_served()
            yield load
        finally:
            for user in users:
                user.cancel()
            ends = await asyncio.gather(*users, return_exceptions=True)
        assert [type(end) for end in ends] == [asyncio.CancelledError] * 20


async def back(clock: WatchedClock, log: Log) -> None:
    """Let time pass until the server is found again. Each look has all the time that it takes."""
    found = asyncio.create_task(log.next())
    while not found.done():
        resting = asyncio.create_task(clock.rest())
        await asyncio.wait([found, resting], return_when=asyncio.FIRST_COMPLETED)
        if not resting.cancel():
            await clock.advance(PAUSE)
    assert (await found)["event"] == "sharing_up"


async def test_a_server_that_is_killed_and_started_again(
    replica: Replica, redis: RedisProcess, clock: WatchedClock, counts: Counts, log: Log
) -> None:
    async with loaded(replica, clock, log) as load:
        for _ in range(3):
            await redis.kill()
            assert (await log.next())["event"] == "sharing_down"
            await load.goes_on()
            assert log.is_empty

            await redis.start()
            await back(clock, log)
            await load.is_served()

    assert counts.failures.keys() <= {"get", "put", "lease", "limit"}
    assert counts.failures["get"] > 0


async def test_a_server_that_hangs_and_goes_on(
    replica: Replica, redis: RedisProcess, clock: WatchedClock, log: Log
) -> None:
    async with loaded(replica, clock, log) as load:
        redis.hang()
        try:
            while log.is_empty:
                await clock.advance(STEP)
            assert (await log.next())["why"] == "no answer in time"
            await load.goes_on()
        finally:
            redis.go_on()
        await back(clock, log)
        await load.is_served()
        assert load.slowest <= STEP


@pytest.mark.parametrize("operation", ["get", "lease", "limit"])
async def test_each_operation_on_a_server_that_hangs_ends_with_its_timeout(
    replica: Replica, redis: RedisProcess, clock: WatchedClock, counts: Counts, operation: str
) -> None:
    async with replica() as shared:
        redis.hang()
        try:
            waiting = asyncio.create_task(_operation(shared, operation))
            await settle()
            await clock.advance(TIMEOUT)

            assert await waiting is (True if operation == "lease" else None)
        finally:
            redis.go_on()
    assert counts.failures[operation] == 1


async def test_a_lease_that_came_too_late_is_still_the_replicas_own(
    replica: Replica, redis: RedisProcess, clock: WatchedClock
) -> None:
    async with replica() as one, replica() as other:
        redis.hang()
        waiting = asyncio.create_task(one.cache.lease("docs:a", 60))
        await settle()
        await clock.advance(TIMEOUT)
        redis.go_on()
        assert await waiting
        # Everything that was sent is done in its order, so the lease is given by now, and to be released.
        one.cache.release("docs:a")
        while not await other.cache.lease("docs:a", 60):
            pass


async def test_a_token_that_came_too_late_is_given_back(
    replica: Replica, redis: RedisProcess, clock: WatchedClock
) -> None:
    async with replica() as one, replica() as other:
        redis.hang()
        waiting = asyncio.create_task(one.limits.reserve("docs", rate=0.001, burst=1, longest_wait=10))
        await settle()
        await clock.advance(TIMEOUT)
        redis.go_on()
        assert await waiting is None

        # The token is there again once its answer, which nobody waited for, has come.
        while await other.limits.reserve("docs", rate=0.001, burst=1, longest_wait=10) != 0:
            pass


async def _operation(shared: Shared, operation: str) -> object:
    if operation == "get":
        return await shared.cache.get("docs:a")
    if operation == "lease":
        return await shared.cache.lease("docs:a", 60)
    return await shared.limits.reserve("docs", rate=1, burst=1, longest_wait=1)
