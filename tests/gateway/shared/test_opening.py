"""The server as it is configured: its address, its password, and what it does not allow."""

import asyncio
import socket
import sys

import pytest
from pydantic import SecretStr

from gateway.settings.cache import CacheSettings
from gateway.shared import open_shared
from gateway.shared.server import OutOfReachError
from tests.clock import VirtualClock
from tests.gateway.shared.running import Counts, Log, asking
from tests.redis_process import RedisProcess

PASSWORD = "hunter2-hunter2"


def settings(url: str) -> CacheSettings:
    return CacheSettings(redis_url=SecretStr(url), redis_prefix="test")


async def test_without_a_url_nothing_is_shared(clock: VirtualClock, counts: Counts, log: Log) -> None:
    async with open_shared(CacheSettings(), clock=clock, meter=counts) as shared:
        assert shared is None
    assert log.is_empty


async def test_a_user_needs_no_more_than_is_documented(
    redis: RedisProcess, clock: VirtualClock, counts: Counts, log: Log
) -> None:
    async with asking(redis.url) as admin:
        rights = ("~test:*", "+get", "+set", "+del", "+time", "+eval")
        await admin.run("ACL", "SETUSER", "gateway", "on", f">{PASSWORD}", *rights)
    url = redis.url.replace("unix://", f"unix://gateway:{PASSWORD}@")

    async with open_shared(settings(url), clock=clock, meter=counts) as shared:
        assert shared is not None
        assert (await log.next())["event"] == "sharing_up"
        shared.cache.put("docs:a", b"a", 60)
        assert await shared.cache.lease("docs:a", 60)
        shared.cache.release("docs:a")
        assert await shared.limits.reserve("docs", rate=1, burst=5, longest_wait=1) == 0
        shared.limits.give_back("docs", rate=1)
        while await shared.cache.get("docs:a") is None:
            pass
    assert counts.failures == {}


@pytest.mark.parametrize(
    "user",
    [f"gateway:{PASSWORD}@", ""],
    ids=["wrong", "none"],
)
async def test_a_wrong_password_is_said_without_showing_it(
    redis: RedisProcess, clock: VirtualClock, counts: Counts, log: Log, user: str
) -> None:
    why = "the user or password was refused"
    async with asking(redis.url) as admin:
        await admin.run("CONFIG", "SET", "requirepass", "another")
    url = redis.url.replace("unix://", f"unix://{user}")

    async with open_shared(settings(url), clock=clock, meter=counts) as shared:
        assert shared is not None
        assert await log.next() == {"level": "warning", "event": "sharing_down", "why": why}
        assert await shared.cache.get("docs:a") is None
        assert await shared.cache.lease("docs:a", 60)
        assert await shared.limits.reserve("docs", rate=1, burst=1, longest_wait=1) is None


async def test_a_server_that_takes_no_writes_is_not_used(
    redis: RedisProcess, clock: VirtualClock, counts: Counts, log: Log
) -> None:
    async with asking(redis.url) as admin:
        await admin.run("REPLICAOF", "127.0.0.1", "1")

    async with open_shared(settings(redis.url), clock=clock, meter=counts):
        assert (await log.next())["why"] == "the command was refused: ReadOnlyError"


async def test_where_nobody_listens_there_is_no_connection(clock: VirtualClock, counts: Counts, log: Log) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        async with open_shared(settings(f"redis://127.0.0.1:{port}"), clock=clock, meter=counts):
            assert (await log.next())["why"] == "no connection"


async def test_who_listens_and_is_no_redis_is_said_so(clock: VirtualClock, counts: Counts, log: Log) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, open_shared(settings(f"redis://127.0.0.1:{port}"), clock=clock, meter=counts):
        assert (await log.next())["event"] == "sharing_down"


async def test_an_error_of_the_server_shows_nothing_that_was_sent(redis: RedisProcess) -> None:
    async with asking(redis.url) as server:
        with pytest.raises(OutOfReachError) as refused:
            await server.run("NOSUCHCOMMAND", "hunter2")
    assert str(refused.value) == "the command was refused: ResponseError"
    assert refused.value.__suppress_context__


async def test_who_shares_nothing_does_not_load_the_library() -> None:
    program = "import sys, gateway.shared, gateway.settings.configuration; sys.exit('redis' in sys.modules)"

    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)

    assert await process.wait() == 0
