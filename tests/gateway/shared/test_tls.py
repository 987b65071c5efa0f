"""A server that is spoken to over TLS, as `rediss://` asks for it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.settings.cache import CacheSettings
from gateway.shared import open_shared
from tests.adapters.certificates import LONG_AGO, Authority
from tests.clock import VirtualClock
from tests.gateway.shared.running import Counts, Log
from tests.redis_process import RedisEndedError, RedisProcess

Said = Callable[[str], Awaitable[str]]


@pytest.fixture
def said(clock: VirtualClock, counts: Counts, log: Log) -> Said:
    """What the log says first of the server at a URL: that it is used, or why not."""

    async def said(url: str) -> str:
        settings = CacheSettings(redis_url=SecretStr(url), redis_prefix="test", redis_timeout=1)
        async with open_shared(settings, clock=clock, meter=counts):
            line = await log.next()
            return str(line.get("why", line["event"]))

    return said


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path)


async def listen(redis: RedisProcess, authority: Authority, *options: str, until: datetime | None = None) -> int:
    """Let the server start again, and speak TLS: gives its port."""
    await redis.kill()
    cert_file, key_file = authority.issue(name="127.0.0.1", until=until)
    files = ("--tls-cert-file", str(cert_file), "--tls-key-file", str(key_file))
    trusted = ("--tls-ca-cert-file", str(authority.ca_file))
    while True:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        # It cannot be told to take any port; another may have taken this one by now.
        with suppress(RedisEndedError):
            await redis.start("--tls-port", str(port), *files, *trusted, *options)
            return port


async def test_one_of_an_authority_of_ones_own_is_used(redis: RedisProcess, authority: Authority, said: Said) -> None:
    port = await listen(redis, authority, "--tls-auth-clients", "no")

    assert "sharing_up" == await said(f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={authority.ca_file}")


async def test_one_that_wants_a_certificate_is_shown_one(redis: RedisProcess, authority: Authority, said: Said) -> None:
    cert_file, key_file = authority.issue()
    port = await listen(redis, authority, "--tls-auth-clients", "yes")
    url = f"rediss://127.0.0.1:{port}/0?ssl_ca_certs={authority.ca_file}"

    assert "sharing_up" == await said(f"{url}&ssl_certfile={cert_file}&ssl_keyfile={key_file}")
    assert "it wants to see a certificate of ours" in await said(url)


@pytest.mark.parametrize(
    ("host", "until", "why"),
    [
        ("localhost", None, "its certificate is for another host than the one in the URL"),
        ("127.0.0.1", LONG_AGO, "its certificate, or one that vouches for it, has expired"),
    ],
    ids=["other host", "expired"],
)
async def test_why_its_certificate_is_not_accepted_is_said(  # noqa: PLR0913, PLR0917 - three are fixtures
    redis: RedisProcess, authority: Authority, said: Said, host: str, until: datetime | None, why: str
) -> None:
    port = await listen(redis, authority, "--tls-auth-clients", "no", until=until)

    assert why in await said(f"rediss://{host}:{port}/0?ssl_ca_certs={authority.ca_file}")


async def test_of_an_authority_that_nobody_knows_it_is_said_how_to_name_it(
    redis: RedisProcess, authority: Authority, said: Said
) -> None:
    port = await listen(redis, authority, "--tls-auth-clients", "no")

    assert "name that one's in ssl_ca_certs" in await said(f"rediss://127.0.0.1:{port}")


async def test_one_that_speaks_no_tls_is_not_used(said: Said) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"-ERR unknown command\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        assert "there is no TLS with it" == await said(f"rediss://127.0.0.1:{port}")
