"""A credential that is fetched, and fetched anew."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime

from adapters.clock import Clock
from adapters.errors import SourceError
from adapters.inquiry import Inquiry
from adapters.superoffice.online_host import told_of_online_host
from adapters.transport import Lease, Renewal

Fetch = Callable[[Inquiry], Awaitable[Lease[Mapping[str, str]]]]
"""Signs in, and gives the headers that prove it."""

_ALLOWED = 30.0
"""Seconds to sign in: two requests of which each may fail once, at the default timeout. Whoever waits with less time
left goes on without; the sign-in does not end with them.
"""


class RenewedCredential:
    """Signs in when it is first wanted, again shortly before the end, and once when the upstream refuses it."""

    def __init__(self, scheme: str, fetch: Fetch, *, source: str, clock: Clock, host: str) -> None:
        """Sign in with `fetch`, at `host`, which errors name."""
        self._scheme = scheme
        self._fetch = fetch
        self._host = host
        self._renewal = Renewal(self._sign_in, source=source, clock=clock, allowed=_ALLOWED, what="credential")

    @property
    def scheme(self) -> str:
        """What the configuration calls it."""
        return self._scheme

    @property
    def expire_time(self) -> datetime | None:
        """When the present one ends unless it is renewed; None before the first sign-in."""
        lease = self._renewal.lease
        return None if lease is None else lease.expire_time

    async def headers(self, inquiry: Inquiry) -> Mapping[str, str]:
        """The headers of the next request, signed in for if need be.

        Raises:
            SourceError: the sign-in failed; the text says why and what would help.
        """
        return await self._renewal.get(inquiry)

    async def renew(self, refused: Mapping[str, str], inquiry: Inquiry) -> bool:
        """Sign in again, unless somebody just has. Whether `headers` has others now.

        Raises:
            SourceError: the sign-in failed; the text says why and what would help.
        """
        return await self._renewal.refused(refused, inquiry)

    async def _sign_in(self, inquiry: Inquiry) -> Lease[Mapping[str, str]]:
        try:
            return await self._fetch(inquiry)
        except SourceError as error:
            raise told_of_online_host(error, f"Signing in at {self._host} failed.") from error.__cause__
