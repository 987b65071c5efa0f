"""One upstream over HTTP: each question sent, bounded, repeated where that may help, and read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import TypeVar

import aiohttp
from yarl import URL

from adapters.drift import DriftLog
from adapters.errors import CredentialRefusedError, MisdirectedError, PermissionRefusedError, UpstreamTimeoutError
from adapters.inquiry import Inquiry
from adapters.ports import Connection
from adapters.settings import SourceSettings
from adapters.transport.address import Address
from adapters.transport.body import read_body
from adapters.transport.connector import Proxy
from adapters.transport.credential import ANONYMOUS, Credential
from adapters.transport.network import network_errors
from adapters.transport.request import Request
from adapters.transport.retry import parse_retry_after, retrying
from adapters.transport.statuses import in_vain, refusal

T = TypeVar("T")

_REFUSED = 4
"""The class of statuses, the hundreds, by which an upstream says that the request is at fault."""


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
            credential_scheme=self._credential.scheme,
            credential_expire_time=self._credential.expire_time,
        )

    async def ask(self, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry) -> T:
        """Send the request, again where that may help, and read the answer's body with `read`.

        Ends by the inquiry's deadline. Counts each request in the inquiry, and notes there what drift `read` has found
        and, on success, when the upstream was observed. If the caller is cancelled, the connection closes at once.

        A credential that was refused is renewed, and an address that no longer serves us asked for, where they can be;
        then the request is sent once more within the same attempt.

        Raises:
            SourceError: of the last attempt, or what `read` raised.
        """
        policy, random = self._transport.settings.retry, self._transport.random
        repeat = retrying(policy, inquiry, random)
        answer: T = await repeat(self._attempt, request, read, inquiry, _Remedies())
        return answer

    async def _attempt(
        self, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry, remedies: "_Remedies"
    ) -> T:
        body = await self._exchange(request, inquiry, remedies)
        drift = DriftLog()
        try:
            answer = read(body, drift)
        finally:
            # Also where nothing could be made of the answer: then it tells why.
            inquiry.drift.merge(drift)
        inquiry.observed()
        return answer

    async def _exchange(self, request: Request, inquiry: Inquiry, remedies: "_Remedies") -> bytes:
        """One answer. What the upstream refuses for its sender or its address is sent again with another."""
        while True:
            base = await self._address.base(inquiry)
            proof = await self._credential.headers(inquiry)
            try:
                return await self._body_in_time(base, proof, request, inquiry)
            except (CredentialRefusedError, PermissionRefusedError) as refused:
                if remedies.renewed:
                    raise in_vain(refused) from None
                if not await self._credential.renew(proof, inquiry):
                    raise
                remedies.renewed = True
            except MisdirectedError as refused:
                if remedies.moved:
                    raise in_vain(refused) from None
                if not await self._address.moved(base, inquiry):
                    raise
                remedies.moved = True

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
        proxy = self._transport.proxy
        with network_errors():
            async with self._transport.session.request(
                request.method,
                _url(base, request),
                headers={**self._common, **proof, **_headers(request), **proxy.request_headers(base)},
                data=request.body,
                allow_redirects=False,
                proxy=proxy.url,
                proxy_headers=proxy.proof,
            ) as response:
                error = refusal(
                    response.status, parse_retry_after(response.headers.get("Retry-After"), inquiry.clock.now())
                )
                most = self._transport.settings.max_body_bytes
                if error is None:
                    return await read_body(response, most)
                if request.explain is not None and response.status // 100 == _REFUSED:
                    raise request.explain(await read_body(response, most)) or error
                raise error


@dataclass(slots=True)
class _Remedies:
    """What was done about refusals: each once at most for a question, in all of its attempts.

    A remedy that could not be had is none: where that may pass, the next attempt may come by it.
    """

    renewed: bool = False
    moved: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """The connections of one source, over which all of its upstreams are reached."""

    source: str
    settings: SourceSettings
    session: aiohttp.ClientSession
    proxy: Proxy
    random: Random

    def upstream(
        self, address: Address, credential: Credential = ANONYMOUS, headers: Mapping[str, str] | None = None
    ) -> Upstream:
        """An upstream at `address`. `headers` go with each request, and appear in no repr, log line or error."""
        return Upstream(self, address, credential, headers or {})


def _url(base: URL, request: Request) -> URL:
    address = base / request.path
    return address.with_query(dict(request.query)) if request.query else address


def _headers(request: Request) -> dict[str, str]:
    """Those of the request; without a body, aiohttp adds no content type of its own."""
    kind = {} if request.body is None else {"Content-Type": "application/json"}
    return {**kind, **request.headers}
