"""Upstreams that misbehave on purpose, on loopback, and the ways to ask them."""

import asyncio
import random
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from aiohttp import web

from adapters.clock import Clock, SystemClock
from adapters.drift import DriftLog
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.settings import RetrySettings, SourceSettings
from adapters.transport import ANONYMOUS, Address, Credential, FixedAddress, Request, Upstream, open_transport

GET = Request(method="GET", path="numbers")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
RawHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def playing(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncGenerator[str]:
    """An HTTP server that answers everything with `handler`: its base URL."""
    runner = web.AppRunner(_app(handler), shutdown_timeout=0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def playing_raw(handler: RawHandler) -> AsyncGenerator[str]:
    """A server of which `handler` decides each byte, connection by connection: its base URL."""
    connections: dict[asyncio.StreamWriter, asyncio.Task[None] | None] = {}

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections[writer] = asyncio.current_task()
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()
        for writer in connections:
            writer.transport.abort()
        await asyncio.gather(*filter(None, connections.values()))
        await server.wait_closed()


@asynccontextmanager
async def opened(
    where: str | Address,
    *,
    headers: Mapping[str, str] | None = None,
    credential: Credential = ANONYMOUS,
    attempts: int = 1,
    clock: Clock | None = None,
    **settings: object,
) -> AsyncGenerator[Upstream]:
    """The upstream there; asked once, unless `attempts` say otherwise. `clock` is that of connecting."""
    table = SourceSettings.model_validate({"kind": "played", "retry": RetrySettings(attempts=attempts), **settings})
    outside = Outside(clock=clock or SystemClock(), random=random.Random(1))
    async with open_transport("played", table, outside) as transport:
        address = FixedAddress(where) if isinstance(where, str) else where
        yield transport.upstream(address, credential, headers)


def an_inquiry(clock: Clock | None = None, *, seconds: float = 30) -> Inquiry:
    """An inquiry that has so much time, on the machine's own clock if no other is given."""
    clock = clock or SystemClock()
    return Inquiry(source="played", clock=clock, deadline=clock.monotonic() + seconds)


def as_sent(body: bytes, _: DriftLog) -> bytes:
    """Read nothing into the body."""
    return body


async def request_of(reader: asyncio.StreamReader) -> bytes:
    """The head of the next request on a raw connection."""
    return await reader.readuntil(b"\r\n\r\n")


def _app(handler: Handler) -> web.Application:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    return app
