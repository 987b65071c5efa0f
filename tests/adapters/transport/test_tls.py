"""TLS with an upstream: who is believed, what is proven, and what is said when either fails."""

import asyncio
import socket
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
from aiohttp import web

from adapters.errors import UnreachableError
from tests.adapters.certificates import LONG_AGO, Authority
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing
from tests.clock import VirtualClock

VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path)


async def answer(_: web.Request) -> web.Response:
    return web.Response(text="{}")


@asynccontextmanager
async def serving(authority: Authority, *names: str, until: datetime | None = None) -> AsyncGenerator[str]:
    """A server with a certificate of these names: its base URL."""
    async with playing(answer, authority.server_context(*names, until=until)) as base:
        yield base


async def failure(base: str, *, tls: object) -> str:
    """Why there is no connection. It is asked for once: waiting mends no certificate."""
    inquiry = an_inquiry(VirtualClock(flowing=True))
    async with opened(base, attempts=3, tls=tls) as upstream:
        with pytest.raises(UnreachableError) as failed:
            await upstream.ask(GET, as_sent, inquiry)
    assert inquiry.attempts == 1
    return str(failed.value)


async def test_an_authority_of_ones_own_is_believed_when_it_is_named(authority: Authority) -> None:
    async with (
        serving(authority, "127.0.0.1") as base,
        opened(base, tls={"ca_file": authority.ca_file}) as upstream,
    ):
        assert await upstream.ask(GET, as_sent, an_inquiry()) == b"{}"


@pytest.mark.parametrize("named", [False, True], ids=["systems", "another"])
async def test_another_authority_is_not_believed_and_the_setting_that_helps_is_named(
    authority: Authority, tmp_path: Path, *, named: bool
) -> None:
    (tmp_path / "other").mkdir()
    tls = {"ca_file": Authority.in_folder(tmp_path / "other").ca_file} if named else None
    async with serving(authority, "127.0.0.1") as base:
        assert "name the file with its certificate in tls.ca_file" in await failure(base, tls=tls)


async def test_the_host_name_is_checked_whoever_vouches_for_it(authority: Authority) -> None:
    tls = {"ca_file": authority.ca_file}
    async with serving(authority, "elsewhere.example.com") as base:
        assert "is for another host name" in await failure(base.replace("127.0.0.1", "localhost"), tls=tls)
        assert "is not for this IP address" in await failure(base, tls=tls)


async def test_a_certificate_that_has_expired_is_not_believed(authority: Authority) -> None:
    async with serving(authority, "127.0.0.1", until=LONG_AGO) as base:
        assert "has expired" in await failure(base, tls={"ca_file": authority.ca_file})


def demand(listener: socket.socket, context: ssl.SSLContext) -> None:
    """Answer one request, of whoever has the right certificate.

    asyncio's servers close without the alert that says why, so this is a server of the standard library.
    """
    connection, _ = listener.accept()
    connection.settimeout(10)
    with context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as tls:
        try:
            tls.do_handshake()
            tls.recv(65_536)
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        except ssl.SSLError:
            # What the client has sent meanwhile is read, or the alert would be lost with the connection.
            tls.shutdown(socket.SHUT_WR)
        while tls.recv(65_536):
            pass


@asynccontextmanager
async def demanding(authority: Authority, believed: Authority, version: ssl.TLSVersion) -> AsyncGenerator[str]:
    """A server that answers once, if the client proves itself by an authority that it believes: its base URL."""
    context = authority.server_context("127.0.0.1")
    context.minimum_version = context.maximum_version = version
    context.verify_mode = ssl.CERT_REQUIRED
    believed.ca.configure_trust(context)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(10)
        answering = asyncio.create_task(asyncio.to_thread(demand, listener, context))
        try:
            yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            await answering


def proof(authority: Authority) -> Mapping[str, Path]:
    cert_file, key_file = authority.issue()
    return {"ca_file": authority.ca_file, "cert_file": cert_file, "key_file": key_file}


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_upstream_that_wants_a_certificate_is_shown_it(authority: Authority, version: ssl.TLSVersion) -> None:
    async with demanding(authority, authority, version) as base, opened(base, tls=proof(authority)) as upstream:
        assert await upstream.ask(GET, as_sent, an_inquiry()) == b"{}"


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_upstream_that_is_shown_none_says_so(authority: Authority, version: ssl.TLSVersion) -> None:
    async with demanding(authority, authority, version) as base:
        said = await failure(base, tls={"ca_file": authority.ca_file})

    assert "want" in said
    assert "tls.cert_file and tls.key_file" in said


@pytest.mark.parametrize("version", VERSIONS)
async def test_an_upstream_that_does_not_believe_ours_says_why(
    authority: Authority, tmp_path: Path, version: ssl.TLSVersion
) -> None:
    (tmp_path / "other").mkdir()
    other = Authority.in_folder(tmp_path / "other")
    async with demanding(authority, other, version) as base:
        said = await failure(base, tls=proof(authority))

    assert said == (
        "The upstream does not accept the certificate in tls.cert_file: the upstream does not trust the authority that "
        "it is from."
    )
