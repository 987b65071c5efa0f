"""What replicas share, in a real server."""

import asyncio

import pytest

from gateway.shared import Shared
from gateway.shared.compression import LARGEST
from tests.gateway.shared.conftest import Replica
from tests.gateway.shared.running import Counts, asking
from tests.redis_process import RedisProcess

PREFIX = "analytics-gateway:1"


async def got(shared: Shared, key: str, times: int = 10_000) -> bytes | None:
    """What is there once what was put has been written, which nobody waits for otherwise."""
    for _ in range(times):
        if (value := await shared.cache.get(key)) is not None:
            return value
    return None


@pytest.mark.parametrize("size", [0, 5, 1024, 70_000, LARGEST])
async def test_what_one_replica_puts_another_gets(replica: Replica, size: int) -> None:
    value = (b"\x00abc" * size)[:size]
    async with replica() as one, replica() as other:
        one.cache.put("docs:a", value, 60)

        assert await got(other, "docs:a") == value
        assert await other.cache.get("docs:b") is None


async def test_a_value_ends_when_it_is_to_and_a_large_one_is_compressed(replica: Replica, redis: RedisProcess) -> None:
    async with replica() as one, asking(redis.url) as server:
        one.cache.put("docs:a", b"a" * 100_000, 3600)
        await got(one, "docs:a")

        stored = await server.run("STRLEN", f"{PREFIX}:value:docs:a")
        left = await server.run("PTTL", f"{PREFIX}:value:docs:a")
    assert isinstance(stored, int)
    assert stored < 1000
    assert isinstance(left, int)
    assert 1_800_000 < left <= 3_600_000


async def test_a_value_that_is_too_large_is_not_shared(replica: Replica) -> None:
    async with replica() as one:
        one.cache.put("docs:large", b"a" * (LARGEST + 1), 60)
        one.cache.put("docs:small", b"a", 60)

        # They are written in their order.
        assert await got(one, "docs:small") == b"a"
        assert await one.cache.get("docs:large") is None


async def test_what_somebody_else_has_stored_is_nothing(replica: Replica, redis: RedisProcess) -> None:
    async with replica() as one, asking(redis.url) as server:
        for strange in (b"", b"z", b"zabc", b"sabc", b"?abc", b"\xff" * 100_000):
            await server.run("SET", f"{PREFIX}:value:docs:a", strange)
            assert await one.cache.get("docs:a") is None
        await server.run("DEL", f"{PREFIX}:value:docs:a")
        await server.run("LPUSH", f"{PREFIX}:value:docs:a", "a list")
        assert await one.cache.get("docs:a") is None


async def test_one_replica_gets_the_lease(replica: Replica) -> None:
    async with replica() as one, replica() as other:
        given = await asyncio.gather(*[each.cache.lease("docs:a", 60) for each in (one, other) for _ in range(10)])

        assert given.count(True) == 1
        assert await other.cache.lease("docs:b", 60)


async def test_a_released_lease_is_free_and_only_its_owner_releases_it(replica: Replica) -> None:
    async with replica() as one, replica() as other:
        assert await one.cache.lease("docs:a", 60)
        other.cache.release("docs:a")
        other.cache.put("docs:done", b"done", 60)
        await got(other, "docs:done")
        assert not await other.cache.lease("docs:a", 60)

        one.cache.release("docs:a")
        one.cache.put("docs:done too", b"done", 60)
        await got(one, "docs:done too")
        assert await other.cache.lease("docs:a", 60)


async def test_who_is_late_does_not_release_the_lease_of_the_next(replica: Replica, redis: RedisProcess) -> None:
    async with replica() as one, replica() as other, asking(redis.url) as server:
        assert await one.cache.lease("docs:a", 60)
        # It has ended meanwhile.
        await server.run("DEL", f"{PREFIX}:lease:docs:a")
        assert await other.cache.lease("docs:a", 60)

        one.cache.release("docs:a")
        one.cache.put("docs:done", b"done", 60)
        await got(one, "docs:done")

        assert not await one.cache.lease("docs:a", 60)


async def test_a_lease_ends_by_itself(replica: Replica, redis: RedisProcess) -> None:
    async with replica() as one, asking(redis.url) as server:
        await one.cache.lease("docs:a", 60)

        left = await server.run("PTTL", f"{PREFIX}:lease:docs:a")
    assert isinstance(left, int)
    assert 0 < left <= 60_000


async def test_what_was_put_gets_there_though_the_replica_ends(replica: Replica) -> None:
    async with replica() as other:
        async with replica() as one:
            assert await one.cache.lease("docs:a", 60)
            for number in range(100):
                one.cache.put(f"docs:{number}", b"a", 60)
            one.cache.release("docs:a")

        assert await other.cache.get("docs:99") == b"a"
        assert await other.cache.lease("docs:a", 60)


async def test_an_operation_that_is_refused_fails_alone(replica: Replica, redis: RedisProcess, counts: Counts) -> None:
    async with replica() as one, asking(redis.url) as server:
        await server.run("LPUSH", f"{PREFIX}:value:docs:a", "a list")
        assert await one.cache.get("docs:a") is None
        assert counts.failures == {"get": 1}

        one.cache.put("docs:b", b"b", 60)
        assert await got(one, "docs:b") == b"b"
