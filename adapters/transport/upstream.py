"""One upstream over HTTP: each question sent, bounded, repeated where that may help, and read."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from importlib.metadata import version
from random import Random
from typing import TypeVar

import aiohttp
from yarl import URL

from adapters.drift import DriftLog
from adapters.errors import UpstreamTimeoutError
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.settings import SourceSettings
from adapters.transport.body import read_body
from adapters.transport.network import network_errors
from adapters.transport.request import Request
from adapters.transport.retry import parse_retry_after, retrying
from adapters.transport.statuses import refusal

T = TypeVar("T")

MOST_CONNECTIONS = 32
"""To one upstream at once. More requests than that wait for a connection, within the time of their attempt."""


class Upstream:
    """The one place that speaks HTTP to an upstream."""

    def __init__(
        self, source: str, base: URL, settings: SourceSettings, session: aiohttp.ClientSession, random: Random
    ) -> None:
        """Use `open_upstream`."""
        self.source = source
        self.drift = DriftLog()
        """All departures from the documentation, for the life of the source."""
        self._base = base
        self._settings = settings
        self._session = session
        self._random = random

    async def ask(self, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry) -> T:
        """Send the request, again where that may help, and read the answer's body with `read`.

        Ends by the inquiry's deadline. Counts each request in the inquiry, and notes there what drift `read` has found
        and, on success, when the upstream was observed. If the caller is cancelled, the connection closes at once.

        Raises:
            SourceError: of the last attempt, or what `read` raised.
        """
        answer: T = await retrying(self._settings.retry, inquiry, self._random)(self._attempt, request, read, inquiry)
        return answer

    async def _attempt(self, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry) -> T:
        body = await self._body_in_time(request, inquiry)
        drift = DriftLog()
        try:
            answer = read(body, drift)
        finally:
            # Also where nothing could be made of the answer: then it tells why.
            inquiry.drift.merge(drift)
            self.drift.merge(drift)
        inquiry.observed()
        return answer

    async def _body_in_time(self, request: Request, inquiry: Inquiry) -> bytes:
        time = min(self._settings.attempt_timeout, inquiry.remaining())
        if time <= 0:
            raise UpstreamTimeoutError("No time was left to ask the upstream: give the call more.")
        inquiry.attempts += 1
        try:
            async with inquiry.clock.timeout_at(inquiry.clock.monotonic() + time):
                return await self._body(request, inquiry)
        except TimeoutError:
            raise UpstreamTimeoutError(f"The upstream did not answer within {time:.3g} s.") from None

    async def _body(self, request: Request, inquiry: Inquiry) -> bytes:
        with network_errors():
            async with self._session.request(
                request.method,
                _address(self._base, request),
                headers=_headers(request),
                data=request.body,
                allow_redirects=False,
            ) as response:
                error = refusal(
                    response.status, parse_retry_after(response.headers.get("Retry-After"), inquiry.clock.now())
                )
                if error is not None:
                    raise error
                return await read_body(response, self._settings.max_body_bytes)


@asynccontextmanager
async def open_upstream(
    source: str, base_url: str, settings: SourceSettings, headers: Mapping[str, str], outside: Outside
) -> AsyncGenerator[Upstream]:
    """Open the upstream at `base_url`, and close its connections in the end. Sends nothing yet.

    `base_url` is that of the settings, which have checked it, with a path of the adapter's choice. `headers` go with
    each request; they may hold credentials, and appear in no repr, log line or error.
    """
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept": "application/json", "User-Agent": _user_agent(), **headers},
        # All time is the clock's: see `_body_in_time`.
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        middlewares=(_once,),
    ) as session:
        yield Upstream(source, URL(base_url), settings, session, outside.random)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send each request once.

    When a kept-alive connection turns out to be closed, aiohttp repeats a GET by itself, unseen by who counts attempts.
    It does so only for its own errors: here they become ours.
    """
    with network_errors():
        return await handler(request)


def _address(base: URL, request: Request) -> URL:
    address = base / request.path
    return address.with_query(dict(request.query)) if request.query else address


def _headers(request: Request) -> dict[str, str]:
    """Those of the request; without a body, aiohttp adds no content type of its own."""
    kind = {} if request.body is None else {"Content-Type": "application/json"}
    return {**kind, **request.headers}


def _user_agent() -> str:
    return f"analytics-gateway/{version('analytics-gateway')}"
