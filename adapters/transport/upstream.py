"""One upstream over HTTP: each question sent, bounded, repeated where that may help, and read."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib.metadata import version
from random import Random
from typing import TypeVar

import aiohttp
from yarl import URL

from adapters.drift import DriftLog
from adapters.errors import (
    CredentialRefusedError,
    MisdirectedError,
    PermissionRefusedError,
    UpstreamTimeoutError,
)
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.ports import Connection
from adapters.settings import SourceSettings
from adapters.transport.address import Address
from adapters.transport.body import read_body
from adapters.transport.credential import ANONYMOUS, Credential
from adapters.transport.network import network_errors
from adapters.transport.request import Request
from adapters.transport.retry import parse_retry_after, retrying
from adapters.transport.statuses import refusal

T = TypeVar("T")

MOST_CONNECTIONS = 32
"""To one upstream at once. More requests than that wait for a connection, within the time of their attempt."""


class Upstream:
    """The one place that speaks HTTP to an upstream. `Transport.upstream` makes it."""

    def __init__(
        self,
        transport: "Transport",
        address: Address,
        credential: Credential,
        headers: Mapping[str, str],
    ) -> None:
        """Send requests over `transport` to `address`, each with `headers` and those of `credential`."""
        self._transport = transport
        self._address = address
        self._credential = credential
        self._common = headers

    @property
    def connection(self) -> Connection:
        """Where it is and how we prove ourselves, at present."""
        return Connection(
            address=self._address.shown,
            credential=self._credential.scheme,
            credential_expire_time=self._credential.expire_time,
        )

    async def ask(self, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry) -> T:
        """Send the request, again where that may help, and read the answer's body with `read`.

        Ends by the inquiry's deadline. Counts each request in the inquiry, and notes there what drift `read` has found
        and, on success, when the upstream was observed. If the caller is cancelled, the connection closes at once.

        A credential that was refused is renewed, and an address that no longer serves us asked for, where they can be;
        then the attempt is made once more.

        Raises:
            SourceError: of the last attempt, or what `read` raised.
        """
        policy, random = self._transport.settings.retry, self._transport.random
        answer: T = await retrying(policy, inquiry, random)(self._attempt, request, read, inquiry)
        return answer

    async def _attempt(self, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry) -> T:
        body = await self._exchange(request, inquiry)
        drift = DriftLog()
        try:
            answer = read(body, drift)
        finally:
            # Also where nothing could be made of the answer: then it tells why.
            inquiry.drift.merge(drift)
        inquiry.observed()
        return answer

    async def _exchange(self, request: Request, inquiry: Inquiry) -> bytes:
        """One answer. What the upstream refuses for its sender or its address is sent once more with another."""
        base = await self._address.base(inquiry)
        proof = await self._credential.headers(inquiry)
        try:
            return await self._body_in_time(base, proof, request, inquiry)
        except (CredentialRefusedError, PermissionRefusedError):
            if not await self._credential.renew(proof, inquiry):
                raise
        except MisdirectedError:
            if not await self._address.moved(base, inquiry):
                raise
        base = await self._address.base(inquiry)
        proof = await self._credential.headers(inquiry)
        return await self._body_in_time(base, proof, request, inquiry)

    async def _body_in_time(self, base: URL, proof: Mapping[str, str], request: Request, inquiry: Inquiry) -> bytes:
        time = min(self._transport.settings.attempt_timeout, inquiry.remaining())
        if time <= 0:
            raise UpstreamTimeoutError("No time was left to ask the upstream: give the call more.")
        inquiry.attempts += 1
        try:
            async with inquiry.clock.timeout_at(inquiry.clock.monotonic() + time):
                return await self._body(base, proof, request, inquiry)
        except TimeoutError:
            raise UpstreamTimeoutError(f"The upstream did not answer within {time:.3g} s.") from None

    async def _body(self, base: URL, proof: Mapping[str, str], request: Request, inquiry: Inquiry) -> bytes:
        with network_errors():
            async with self._transport.session.request(
                request.method,
                _url(base, request),
                headers={**self._common, **proof, **_headers(request)},
                data=request.body,
                allow_redirects=False,
            ) as response:
                error = refusal(
                    response.status, parse_retry_after(response.headers.get("Retry-After"), inquiry.clock.now())
                )
                if error is not None:
                    raise error
                return await read_body(response, self._transport.settings.max_body_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """The connections of one source, over which all of its upstreams are reached."""

    source: str
    settings: SourceSettings
    session: aiohttp.ClientSession
    random: Random

    def upstream(
        self, address: Address, credential: Credential = ANONYMOUS, headers: Mapping[str, str] | None = None
    ) -> Upstream:
        """An upstream at `address`. `headers` go with each request, and appear in no repr, log line or error."""
        return Upstream(self, address, credential, headers or {})


@asynccontextmanager
async def open_transport(source: str, settings: SourceSettings, outside: Outside) -> AsyncGenerator[Transport]:
    """Open what a source speaks HTTP over, and close its connections in the end. Sends nothing yet."""
    async with aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept": "application/json", "User-Agent": _user_agent()},
        # All time is the clock's: see `_body_in_time`.
        timeout=aiohttp.ClientTimeout(total=None, connect=None, sock_connect=None, sock_read=None),
        middlewares=(_once,),
    ) as session:
        yield Transport(source=source, settings=settings, session=session, random=outside.random)


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send each request once.

    When a kept-alive connection turns out to be closed, aiohttp repeats a GET by itself, unseen by who counts attempts.
    It does so only for its own errors: here they become ours.
    """
    with network_errors():
        return await handler(request)


def _url(base: URL, request: Request) -> URL:
    address = base / request.path
    return address.with_query(dict(request.query)) if request.query else address


def _headers(request: Request) -> dict[str, str]:
    """Those of the request; without a body, aiohttp adds no content type of its own."""
    kind = {} if request.body is None else {"Content-Type": "application/json"}
    return {**kind, **request.headers}


def _user_agent() -> str:
    return f"analytics-gateway/{version('analytics-gateway')}"
