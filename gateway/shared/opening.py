"""What the replicas share, opened as it is configured."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from adapters.clock import Clock
from adapters.sharing import SharedLimits
from gateway.federation.sharing import SharedCache
from gateway.settings.cache import CacheSettings
from gateway.shared.cache import RedisCache
from gateway.shared.limits import RedisLimits
from gateway.shared.reach import Meter, Reach
from gateway.shared.server import RedisServer
from gateway.shared.writing import Writer

_VERSION = 1
"""Of the keys and of what is stored under them, but for what the federation puts there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What there is for those who share."""

    cache: SharedCache
    limits: SharedLimits


@asynccontextmanager
async def open_shared(settings: CacheSettings, *, clock: Clock, meter: Meter) -> AsyncIterator[Shared | None]:
    """What the replicas share; None if no server is configured. One that is down at the start is found when it is up.

    Waits for its first answer for two seconds at most. At the end, what was put has `redis_timeout` to get there.
    """
    if settings.redis_url is None:
        yield None
        return
    prefix = f"{settings.redis_prefix}:{_VERSION}"
    server = RedisServer(settings.redis_url.get_secret_value())
    reach = Reach(server, clock=clock, timeout=settings.redis_timeout, meter=meter, prefix=prefix)
    writer = Writer(clock)
    try:
        await reach.open()
        yield Shared(cache=RedisCache(reach, writer, prefix=prefix), limits=RedisLimits(reach, writer, prefix=prefix))
    finally:
        await writer.close(settings.redis_timeout)
        await reach.close()
