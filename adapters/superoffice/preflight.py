"""Tells, when SuperOffice says that there is no such method, an old server from a wrong address."""

import re
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from yarl import URL

from adapters.drift import DriftLog
from adapters.errors import SourceError, UpstreamNotFoundError
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.superoffice.wire import ApiRoot
from adapters.transport import Address, Credential, Lease, Renewal, Request, TolerantDecoder, Transport

METHOD = "Agents/Diagnostics/GetAnalyticsData"
"""The path of the one method that is asked, below the address of the web API."""

KEPT = timedelta(minutes=5)
"""How long a finding is told again. It explains failures only, so none is told when the cause is gone."""

PATIENCE = 3.0
"""Seconds that looking may take of a call which has failed anyway."""

_VERSION = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6}){1,4}")
_ROOT = TolerantDecoder(ApiRoot)


class Listing(Enum):
    """What `GET /api/v1` answered, which lists all methods (SuperOffice docs, "How to get the API version")."""

    WITH_METHOD = auto()
    WITHOUT_METHOD = auto()
    OF_SOMETHING_ELSE = auto()
    """JSON, but no list of SuperOffice's."""
    NONE = auto()
    """Not there, or not even JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found at the address."""

    listing: Listing
    version: str | None = None
    """NetServer's, where the method is lacking and the server told."""

    def told(self, help_: str) -> UpstreamNotFoundError | None:
        """The failure in better words; `help_` says how a wrong address is put right. None if there are none."""
        match self.listing:
            case Listing.WITHOUT_METHOD:
                release = f"this release (NetServer {self.version})" if self.version else "this release"
                return UpstreamNotFoundError(
                    f"SuperOffice is there, but {release} lacks GetAnalyticsData: upgrade it to one that has it."
                )
            case Listing.WITH_METHOD:
                return UpstreamNotFoundError(
                    "SuperOffice lists GetAnalyticsData, and yet answers that it does not have it: is there a proxy in "
                    "between that lets only some requests pass?"
                )
            case Listing.NONE:
                return UpstreamNotFoundError(f"There is no SuperOffice web API at this address: {help_}.")
            case Listing.OF_SOMETHING_ELSE:
                return None


class Preflight:
    """Looks what is at an address that lacks the method, once in a while."""

    def __init__(
        self, address: Address, credential: Credential, transport: Transport, outside: Outside, *, help_: str
    ) -> None:
        """Look at the web API at `address`; `help_` says how a wrong one is put right."""
        self._address = address
        self._credential = credential
        self._help = help_
        self._server = transport.upstream(_Server(address), credential)
        self._finding = Renewal(
            self._find,
            source=transport.source,
            clock=outside.clock,
            allowed=transport.settings.attempt_timeout,
            what="list of SuperOffice's methods",
        )

    async def explain(self, error: SourceError, inquiry: Inquiry) -> SourceError | None:
        """Why there is no such method; None if the error is another one, or nothing could be found out."""
        if not isinstance(error, UpstreamNotFoundError):
            return None
        hurried = inquiry.hurried(PATIENCE)
        try:
            # Where these fail, it may have been what they asked that is not there, and not the method.
            await self._address.base(hurried)
            await self._credential.headers(hurried)
            finding = await self._finding.get(hurried)
        except SourceError:
            return None
        return finding.told(self._help)

    async def _find(self, inquiry: Inquiry) -> Lease[Finding]:
        listing = await self._listing(inquiry)
        version = await self._version(inquiry) if listing is Listing.WITHOUT_METHOD else None
        end = inquiry.clock.now() + KEPT
        return Lease(value=Finding(listing=listing, version=version), renew_time=end, expire_time=end)

    async def _listing(self, inquiry: Inquiry) -> Listing:
        try:
            return await self._server.ask(Request(method="GET", path="api/v1"), read_listing, inquiry)
        except UpstreamNotFoundError:
            return Listing.NONE

    async def _version(self, inquiry: Inquiry) -> str | None:
        try:
            root = await self._server.ask(Request(method="GET", path="api"), _ROOT, inquiry)
        except SourceError:
            return None
        version = root.net_server_version or ""
        return version if _VERSION.fullmatch(version) else None


def read_listing(body: bytes, drift: DriftLog) -> Listing:
    """Whether the method is listed.

    Looked for as a text: the documentation shows an object of URLs and calls it an array, and servers answer HTML to
    some.
    """
    del drift
    text = body.lower().replace(rb"\/", b"/")
    if METHOD.lower().encode() in text:
        return Listing.WITH_METHOD
    if b"/v1/agents/" in text:
        return Listing.WITHOUT_METHOD
    return Listing.OF_SOMETHING_ELSE if text.lstrip().startswith((b"{", b"[")) else Listing.NONE


class _Server:
    """The address two steps above the web API's, whence both `/api` and `/api/v1` are asked without a slash behind."""

    def __init__(self, api: Address) -> None:
        self._api = api

    @property
    def shown(self) -> str:
        return self._api.shown

    async def base(self, inquiry: Inquiry) -> URL:
        return (await self._api.base(inquiry)).parent.parent

    async def moved(self, left: URL, inquiry: Inquiry) -> bool:
        return await self._api.moved(left / "api/v1", inquiry)
