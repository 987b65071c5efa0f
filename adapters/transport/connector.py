"""How connections to an upstream are made: in time, with our own TLS, perhaps through a proxy."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace
from yarl import URL

from adapters.clock import Clock
from adapters.settings import ProxySettings, SourceSettings
from adapters.settings.tls import system_context
from adapters.timeout import Timeout
from adapters.transport.network import connecting_errors
from adapters.transport.resolver import Resolver

MOST_CONNECTIONS = 1000
"""To one upstream at once: a last bound. How many there really are is up to the source's `limits.concurrency`."""

IDLE_SECONDS = 55.0
"""For so long a connection is kept without use: to make one costs a round trip, with TLS two or three. Load balancers
hang up after 60 seconds at the earliest as a rule, and a request must not meet them doing so."""

DNS_SECONDS = 10
"""For so long an upstream's addresses are believed. Connections are kept longer, so that one is rarely looked up; and
where a name is moved to another machine because one has died, this is how much later we notice."""


class Connector(aiohttp.TCPConnector):
    """Makes each connection within `connect_timeout`, and says in our own words why there is none."""

    def __init__(self, settings: SourceSettings, clock: Clock) -> None:
        """Connect as a source's settings say. Connects to nobody yet."""
        tls = system_context() if settings.tls is None else settings.tls.context
        super().__init__(
            limit=MOST_CONNECTIONS,
            keepalive_timeout=IDLE_SECONDS,
            use_dns_cache=True,
            ttl_dns_cache=DNS_SECONDS,
            resolver=Resolver(),
            ssl=tls,
        )
        self._allowed = settings.connect_timeout
        self._clock = clock

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the name is aiohttp's
    ) -> ResponseHandler:
        """All that makes one connection, after the wait for its turn, and nothing of the exchange on it.

        aiohttp's own timeouts are on the event loop's scale, and the narrowest of them includes that wait.
        """
        with (
            connecting_errors(allowed=self._allowed, by_proxy=req.proxy is not None),
            Timeout(self._clock, self._clock.monotonic() + self._allowed),
        ):
            return await super()._create_connection(req, traces, timeout)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """The proxy through which an upstream is reached, or none."""

    url: URL | None = None
    proof: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the proxy wants to see, in its own request for a tunnel to an upstream with TLS, which never sees it."""

    @classmethod
    def of(cls, settings: ProxySettings | None) -> "Proxy":
        """The one that the settings name."""
        if settings is None:
            return cls()
        proof = {}
        if settings.username is not None and settings.password is not None:
            pair = f"{settings.username}:{settings.password.get_secret_value()}"
            proof["Proxy-Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        return cls(url=URL(str(settings.url)), proof=proof)

    def request_headers(self, target: URL) -> Mapping[str, str]:
        """What goes with a request to a `target` without TLS. The proxy takes it away (RFC 9110, section 11.7.2)."""
        return self.proof if target.scheme == "http" else {}
