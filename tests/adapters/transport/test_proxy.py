"""Upstreams that are reached through a proxy."""

import asyncio
import logging
import re
import socket
import traceback
from asyncio import StreamReader, StreamWriter
from pathlib import Path

import pytest
from aiohttp import web

from adapters.errors import SourceError, UnreachableError
from tests.adapters.certificates import Authority
from tests.adapters.transport.playing import (
    GET,
    RawHandler,
    an_inquiry,
    as_sent,
    opened,
    playing,
    playing_raw,
    request_of,
)
from tests.adapters.transport.proxying import ForwardProxy
from tests.clock import VirtualClock

SAYS_WHO = {"username": "svc", "password": "s3crét"}
PROOF = "Proxy-Authorization: Basic c3ZjOnMzY3LDqXQ="


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority.in_folder(tmp_path)


async def headers(request: web.Request) -> web.Response:
    """What reached the upstream."""
    return web.Response(text=" ".join(request.headers))


def answers(sent: bytes) -> RawHandler:
    """A proxy that says this, and no more."""

    async def handler(reader: StreamReader, writer: StreamWriter) -> None:
        await request_of(reader)
        writer.write(sent)
        await writer.drain()

    return handler


async def failure(
    handler: RawHandler, *, upstream_url: str = "https://crm.example.com", attempts: int = 1
) -> tuple[SourceError, int]:
    """Why there is no connection through a proxy, and after how many attempts."""
    inquiry = an_inquiry(VirtualClock(flowing=True))
    async with (
        playing_raw(handler) as proxy,
        opened(upstream_url, proxy={"url": proxy, **SAYS_WHO}, attempts=attempts) as upstream,
    ):
        with pytest.raises(SourceError) as failed:
            await upstream.ask(GET, as_sent, inquiry)
    told = "".join(traceback.format_exception(failed.value)) + repr(failed.value)
    assert "s3cr" not in told
    assert "c3ZjOn" not in told
    return failed.value, inquiry.attempts


async def test_an_upstream_with_tls_is_reached_through_a_tunnel_and_never_sees_what_the_proxy_sees(
    authority: Authority,
) -> None:
    proxy = ForwardProxy()
    async with (
        playing(headers, authority.server_context("127.0.0.1")) as base,
        playing_raw(proxy) as url,
        opened(base, proxy={"url": url, **SAYS_WHO}, tls={"ca_file": authority.ca_file}) as upstream,
    ):
        seen = [await upstream.ask(GET, as_sent, an_inquiry()) for _ in range(2)]

    (head,) = proxy.heads  # one tunnel serves both
    assert head.startswith(f"CONNECT {base.removeprefix('https://')} ")
    assert PROOF in head
    assert b"Host" in seen[0]
    assert b"Proxy" not in seen[0] + seen[1]


async def test_an_upstream_without_tls_is_asked_for_by_the_proxy() -> None:
    proxy = ForwardProxy()
    async with (
        playing(headers) as base,
        playing_raw(proxy) as url,
        opened(base, proxy={"url": url, **SAYS_WHO}) as upstream,
    ):
        await upstream.ask(GET, as_sent, an_inquiry())

    (head,) = proxy.heads
    assert head.startswith(f"GET {base}/numbers ")
    assert PROOF in head


async def test_a_proxy_that_asks_for_nothing_is_told_nothing() -> None:
    proxy = ForwardProxy()
    async with playing(headers) as base, playing_raw(proxy) as url, opened(base, proxy={"url": url}) as upstream:
        await upstream.ask(GET, as_sent, an_inquiry())

    assert "Proxy-Authorization" not in proxy.heads[0]


async def test_the_upstream_must_be_itself_behind_a_proxy_too(authority: Authority) -> None:
    async with (
        playing(headers, authority.server_context("127.0.0.1")) as base,
        playing_raw(ForwardProxy()) as url,
        opened(base, proxy={"url": url}) as upstream,
    ):
        with pytest.raises(UnreachableError, match=r"The upstream's TLS certificate .* tls\.ca_file"):
            await upstream.ask(GET, as_sent, an_inquiry())


@pytest.mark.parametrize(
    ("status", "said", "attempts"),
    [
        ("407 Proxy Authentication Required", r"The proxy does not know us, .* \(407\): check proxy.username and", 1),
        ("403 s3crét", r"The proxy does not let us through to the upstream \(403\)", 1),
        ("302 Found", r"The proxy does not let us through to the upstream \(302\)", 1),
        ("502 Bad Gateway", r"The proxy got no connection to the upstream \(502\): check base_url", 2),
        ("503 Unavailable", r"The proxy got no connection to the upstream \(503\): check base_url", 2),
    ],
)
async def test_a_proxy_that_refuses_is_told_from_the_upstream(status: str, said: str, attempts: int) -> None:
    error, asked = await failure(answers(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode()), attempts=2)

    assert isinstance(error, UnreachableError)
    assert re.match(said, str(error))
    assert asked == attempts


async def test_without_tls_a_proxy_that_does_not_know_us_is_still_told_from_the_upstream() -> None:
    refuses = answers(b"HTTP/1.1 407 Who?\r\nContent-Length: 0\r\n\r\n")

    error, asked = await failure(refuses, upstream_url="http://crm.example.com", attempts=2)

    assert "The proxy does not know us" in str(error)
    assert asked == 1


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", "The proxy hung up"),
        (b"220 smtp.example.com ESMTP\r\n\r\n", "What is at proxy.url does not answer as a proxy does"),
        (b"HTTP/1.1 200 OK\r\nSet-Cookie s3cr=1\r\n\r\n", "What is at proxy.url does not answer as a proxy does"),
    ],
    ids=["nothing", "another-protocol", "broken-headers"],
)
async def test_what_is_no_proxy_is_told(sent: bytes, said: str) -> None:
    error, _ = await failure(answers(sent))

    assert str(error).startswith(said)


async def test_a_proxy_where_nobody_listens_is_told_from_the_upstream() -> None:
    async with playing_raw(ForwardProxy()) as url:
        pass

    async with opened("https://crm.example.com", proxy={"url": url}) as upstream:
        with pytest.raises(UnreachableError, match=r"No connection to the proxy: check proxy\.url"):
            await upstream.ask(GET, as_sent, an_inquiry())


async def test_a_proxy_whose_name_does_not_resolve_is_told_from_the_upstream(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", refuse)  # no test asks the network
    async with opened("http://crm.example.com", proxy={"url": "http://proxy.invalid:3128"}) as upstream:
        with pytest.raises(UnreachableError, match="The proxy's host name could not be resolved"):
            await upstream.ask(GET, as_sent, an_inquiry())


async def test_a_proxy_that_hangs_has_as_long_as_a_connection_may_take() -> None:
    asked = asyncio.Event()

    async def hang(reader: StreamReader, _: StreamWriter) -> None:
        await request_of(reader)
        asked.set()
        await reader.read()

    clock = VirtualClock()
    async with (
        playing_raw(hang) as url,
        opened("https://crm.example.com", proxy={"url": url}, clock=clock, connect_timeout=2.5) as upstream,
    ):
        asking = asyncio.create_task(upstream.ask(GET, as_sent, an_inquiry(clock)))
        await asked.wait()
        await clock.advance(2.5)

        with pytest.raises(UnreachableError, match=r"through the proxy within 2\.5 s \(connect_timeout\)"):
            await asking


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    async with playing(headers) as base, opened(base) as upstream:
        assert await upstream.ask(GET, as_sent, an_inquiry())


async def test_no_log_line_holds_what_is_proven_to_the_proxy(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    await failure(answers(b"HTTP/1.1 407 Who?\r\n\r\n"))

    assert "s3cr" not in caplog.text
    assert "c3ZjOn" not in caplog.text
