"""One server for each test, and replicas that share in it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from pydantic import SecretStr

from gateway.settings.cache import CacheSettings
from gateway.shared import Shared, open_shared
from tests.clock import VirtualClock
from tests.gateway.shared.running import Counts, Log, logged
from tests.redis_process import RedisProcess, running_redis

Replica = Callable[[], AbstractAsyncContextManager[Shared]]


@pytest.fixture
async def redis() -> AsyncIterator[RedisProcess]:
    async with running_redis() as process:
        yield process


class WatchedClock(VirtualClock):
    """Tells when somebody waits for it to move."""

    def __init__(self) -> None:
        super().__init__()
        self._resting = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self._resting.set()
        await super().sleep(seconds)

    async def rest(self) -> None:
        """Return once somebody has begun to sleep since this was last asked."""
        await self._resting.wait()
        self._resting.clear()


@pytest.fixture
def clock() -> WatchedClock:
    """By which operations are timed: none takes too long unless a test lets it."""
    return WatchedClock()


@pytest.fixture
def counts() -> Counts:
    return Counts()


@pytest.fixture
def log() -> Iterator[Log]:
    with logged() as log:
        yield log


@pytest.fixture
def replica(redis: RedisProcess, clock: VirtualClock, counts: Counts, log: Log) -> Replica:
    """Opens what one replica shares with the others."""
    del log

    @asynccontextmanager
    async def replica() -> AsyncIterator[Shared]:
        settings = CacheSettings(redis_url=SecretStr(redis.url))
        async with open_shared(settings, clock=clock, meter=counts) as shared:
            assert shared is not None
            yield shared

    return replica
