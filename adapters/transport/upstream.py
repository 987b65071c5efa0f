"""One upstream over HTTP: each question sent, bounded, repeated where that may help, and read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import aiohttp

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
        self.transport = transport
        self.guard = guard
        self.address = address
        self.credential = credential
        self.prepared = prepared

    @property
    def connection(self) -> Connection:
        """Where it is and how we prove ourselves, at present."""
        return Connection(
            address=self.address.shown,
            credential_scheme=self.credential.scheme,
            credential_expire_time=self.credential.expire_time,
            protection=self.guard.protection,
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
        return await self.guard.ask(_Question(self, request, read, inquiry).attempt, inquiry)


class _Question(Generic[T]):
    """A question on its way: one for all of its attempts.

    What was done about refusals is done once at most. A remedy that could not be had is none: where that may pass, the
    next attempt may come by it.
    """

    __slots__ = ("_base", "_inquiry", "_is_moved", "_is_renewed", "_proof", "_read", "_request", "_upstream")

    def __init__(
        self, upstream: Upstream, request: Request, read: Callable[[bytes, DriftLog], T], inquiry: Inquiry
    ) -> None:
        self._upstream = upstream
        self._request = request
        self._read = read
        self._inquiry = inquiry
        self._is_renewed = False
        self._is_moved = False

    async def attempt(self) -> T:
        """Send the request once, or again where a refusal could be remedied, and read the answer."""
        inquiry = self._inquiry
        # All of it: a credential or an address may have to be waited for as well.
        inquiry.begin_waiting()
        try:
            body = await self._exchange()
        finally:
            inquiry.end_waiting()
        drift = DriftLog()
        try:
            answer = self._read(body, drift)
        finally:
            # Also where nothing could be made of the answer: then it tells why.
            inquiry.drift.merge(drift)
        inquiry.observed()
        return answer

    async def _exchange(self) -> bytes:
        """One answer. What the upstream refuses for its sender or its address is sent again with another."""
        upstream, inquiry = self._upstream, self._inquiry
        while True:
            self._base = base = await upstream.address.base(inquiry)
            self._proof = proof = await upstream.credential.headers(inquiry)
            try:
                return await upstream.guard.send(self._body, inquiry)
            except (CredentialRefusedError, PermissionRefusedError) as refused:
                if self._is_renewed:
                    raise in_vain(refused) from None
                if not await upstream.credential.renew(proof, inquiry):
                    raise
                self._is_renewed = True
            except MisdirectedError as refused:
                if self._is_moved:
                    raise in_vain(refused) from None
                if not await upstream.address.moved(base, inquiry):
                    raise
                self._is_moved = True

    async def _body(self) -> bytes:
        upstream, request = self._upstream, self._request
        transport = upstream.transport
        proxy = transport.proxy
        try:
            async with transport.session.request(
                request.method,
                url_of(self._base, request),
                headers=upstream.prepared.headers(self._base, self._proof, request),
                # A POST without a body tells its length, zero, all the same; to send one, aiohttp makes a task.
                data=request.body or None,
                allow_redirects=False,
                proxy=proxy.url,
                proxy_headers=proxy.proof,
                middlewares=_ONCE[request.method],
            ) as response:
                upstream.guard.heard(response.status, response.headers)
                most = transport.settings.max_body_bytes
                error = refusal(response.status, None)
                if error is None:
                    return await read_body(response, most)
                now = self._inquiry.clock.now()
                error.retry_after = parse_retry_after(response.headers.get("Retry-After"), now)
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
