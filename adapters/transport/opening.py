"""Opens the connections of a source."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import cache
from importlib.metadata import version

import aiohttp

from adapters.outside import Outside
from adapters.settings import SourceSettings
from adapters.transport.connector import Connector, Proxy
from adapters.transport.guard import guard_of, unguarded
from adapters.transport.upstream import Transport


@asynccontextmanager
async def open_transport(source: str, settings: SourceSettings, outside: Outside) -> AsyncGenerator[Transport]:
    """Open what a source speaks HTTP over, and close its connections in the end. Sends nothing yet."""
    async with aiohttp.ClientSession(
        connector=Connector(settings, outside.clock),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept": "application/json", "User-Agent": _user_agent()},
        # All time is the clock's: see `Upstream` and `Connector`.
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
    ) as session:
        yield Transport(
            source=source,
            settings=settings,
            session=session,
            proxy=Proxy.of(settings.proxy),
            guard=guard_of(source, settings, outside),
            unguarded=unguarded(settings, outside),
        )


@cache
def _user_agent() -> str:
    return f"analytics-gateway/{version('analytics-gateway')}"
