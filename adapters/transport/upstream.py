"""One upstream over HTTP: each question sent, bounded, repeated where that may help, and read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

import aiohttp
from yarl import URL

from adapters.drift import DriftLog
from adapters.errors import CredentialRefusedError, MisdirectedError, PermissionRefusedError
from adapters.inquiry import Inquiry
from adapters.ports import Connection
from adapters.settings import SourceSettings
from adapters.transport.address import Address
from adapters.transport.body import read_body
from adapters.transport.connector import Proxy
from adapters.transport.credential import ANONYMOUS, Credential
from adapters.transport.guard import Guard, Guarding, Unguarded
from adapters.transport.network import NETWORK_ERRORS, exchange_failure
from adapters.transport.preparing import Prepared, url_of
from adapters.transport.request import Request
from adapters.transport.retry import parse_retry_after
from adapters.transport.statuses import in_vain, refusal

T = TypeVar("T")

_REFUSED = 4
"""The class of statuses, the hundreds, by which an upstream says that the request is at fault."""


class Upstream:
    """The one place that speaks HTTP to an upstream. `Transport.upstream` makes it."""

    def __init__(
        self, transport: "Transport", guard: Guarding, address: Address, credential: Credential, prepared: Prepared
    ) -> None:
        """Send over `transport`, as `guard` lets it, to `address`, with the headers of `credential` and `prepared`."""
        self._transport = transport
        self._guard = guard
        self._address = address
        self._credential = credential
        self._prepared = prepared

    @property
    def connection(self) -> Connection:
        """Where it is and how we prove ourselves, at present."""
        return Connection(
            address=self._address.shown,
            credential_scheme=self._credential.scheme,
            credential_expire_time=self._credential.expire_time,
            protection=self._guard.protection,
        )

    async def ask(self, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry) -> T:
        """Send the request, again where that may help, and read the answer's body with `read`.

        What stands before that, and in which order, `Guard` tells. Ends by the inquiry's deadline. Counts each request
        in the inquiry, and notes there what drift `read` has found and, on success, when the upstream was observed. If
        the caller is cancelled, the connection closes at once.

        A credential that was refused is renewed, and an address that no longer serves us asked for, where they can be;
        then the request is sent once more within the same attempt.

        Raises:
            RefusedError: a protection of ours did not let it be sent.
            SourceError: of the last attempt, or what `read` raised.
        """
        remedies = _Remedies()

        async def attempt() -> T:
            return await self._attempt(request, read, inquiry, remedies)

        return await self._guard.ask(attempt, inquiry)

    async def _attempt(
        self, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry, remedies: "_Remedies"
    ) -> T:
        # All of it: a credential or an address may have to be waited for as well.
        with inquiry.waiting():
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
                return await self._guard.send(partial(self._body, base, proof, request, inquiry.clock.now), inquiry)
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

    async def _body(self, base: URL, proof: Mapping[str, str], request: Request, now: Callable[[], datetime]) -> bytes:
        proxy = self._transport.proxy
        try:
            async with self._transport.session.request(
                request.method,
                url_of(base, request),
                headers=self._prepared.headers(base, proof, request),
                # A POST without a body tells its length, zero, all the same; to send one, aiohttp makes a task.
                data=request.body or None,
                allow_redirects=False,
                proxy=proxy.url,
                proxy_headers=proxy.proof,
                middlewares=_ONCE[request.method],
            ) as response:
                self._guard.heard(response.status, response.headers)
                most = self._transport.settings.max_body_bytes
                error = refusal(response.status, None)
                if error is None:
                    return await read_body(response, most)
                error.retry_after = parse_retry_after(response.headers.get("Retry-After"), now())
                if request.explain is not None and response.status // 100 == _REFUSED:
                    raise request.explain(await read_body(response, most)) or error
                raise error
        except NETWORK_ERRORS as error:
            raise exchange_failure(error) from None


async def _once(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """Send each request once.

    When a kept-alive connection turns out to be closed, aiohttp repeats a GET by itself, unseen by who counts attempts.
    It does so only for its own errors: here they become ours.
    """
    try:
        return await handler(request)
    except NETWORK_ERRORS as error:
        raise exchange_failure(error) from None


_ONCE: Mapping[str, Sequence[aiohttp.ClientMiddlewareType]] = {"GET": (_once,), "POST": ()}
"""By method. A POST aiohttp never repeats."""


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
    guard: Guard
    unguarded: Unguarded

    def upstream(
        self,
        address: Address,
        credential: Credential = ANONYMOUS,
        headers: Mapping[str, str] | None = None,
        *,
        guarded: bool = True,
    ) -> Upstream:
        """An upstream at `address`. `headers` go with each request, and appear in no repr, log line or error.

        Not `guarded` must be what a question waits for while it is being asked, such as a sign-in: see `Unguarded`.
        """
        guard = self.guard if guarded else self.unguarded
        return Upstream(self, guard, address, credential, Prepared(headers or {}, self.proxy))
