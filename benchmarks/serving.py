"""The barest HTTP servers that aiohttp makes: no routes, no middleware, no access log; on loopback."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager

import uvloop
from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
Sleep = Callable[[float], Awaitable[None]]
"""Waits for so many seconds."""

_RUN: dict[str, Callable[[Coroutine[None, None, None]], None]] = {"asyncio": asyncio.run, "uvloop": uvloop.run}


def run(loop: str, server: Coroutine[None, None, None]) -> None:
    """Run a server on asyncio's own event loop, or on `uvloop`."""
    _RUN[loop](server)


@asynccontextmanager
async def listening(handler: Handler) -> AsyncIterator[str]:
    """Answer every request with the handler, on a free port. Gives the origin, `http://HOST:PORT`."""
    runner = web.ServerRunner(web.Server(handler, access_log=None), shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        yield f"http://{host}:{port}"
    finally:
        await runner.cleanup()


async def announce(what: object) -> None:
    """Say on standard output, as a line of JSON, where this process listens; return at SIGTERM or SIGINT."""
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    sys.stdout.write(f"{json.dumps(what)}\n")
    sys.stdout.flush()
    await stopping.wait()
