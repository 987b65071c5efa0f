"""Asks SuperOffice: one call serves every question."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import lru_cache, partial
from typing import Protocol

from yarl import URL

from adapters.errors import SourceError
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.ports import Connection
from adapters.query import AccountQuestion, MetricsQuestion
from adapters.superoffice import mapping
from adapters.superoffice.answer import read_answer
from adapters.superoffice.auth import open_credential
from adapters.superoffice.metrics import COUNTERS
from adapters.superoffice.preflight import METHOD, Preflight
from adapters.superoffice.selection import CHEAPEST, Selection, for_account, for_metrics
from adapters.superoffice.settings import SuperOfficeSettings
from adapters.superoffice.tenant import TenantAddress
from adapters.superoffice.tenant_state import Tenant
from adapters.superoffice.wire import AnalyticsData
from adapters.transport import FixedAddress, Request, Transport, Upstream, open_transport
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor

_REQUESTS_KEPT = 64


class Explanation(Protocol):
    """Something that may know more of a failure than its own error tells."""

    async def explain(self, error: SourceError, inquiry: Inquiry) -> SourceError | None:
        """A better error; None if this one is the best there is. Takes a bounded part of the time left."""
        ...


class SuperOfficeSource:
    """One installation or tenant, seen by one user: that user's counters and account, and the system's counters."""

    def __init__(self, source: str, upstream: Upstream, explanations: Sequence[Explanation] = ()) -> None:
        """Ask `upstream`, which stays the caller's; a failure is told by the first of `explanations` that knows."""
        self._id = source
        self._upstream = upstream
        self._explanations = explanations
        self._descriptors = tuple(counter.descriptor() for counter in COUNTERS.values())

    @property
    def id(self) -> str:
        """The id, as configured."""
        return self._id

    @property
    def connection(self) -> Connection:
        """How it is reached."""
        return self._upstream.connection

    @property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        """What the counters mean, sorted by id."""
        return self._descriptors

    async def check(self, inquiry: Inquiry) -> None:
        """Ask for nothing but the version. Proves address, credential and that this release has the method."""
        await self._ask(CHEAPEST, inquiry)

    async def metrics(self, question: MetricsQuestion, inquiry: Inquiry) -> Sequence[Metric]:
        """The counters as they are now, whatever the question's window: SuperOffice keeps no history of them."""
        data = await self._ask(for_metrics(question.metrics), inquiry)
        return mapping.to_metrics(self._id, data, question.metrics, inquiry.observed())

    async def account(self, question: AccountQuestion, inquiry: Inquiry) -> Account:
        """The account of the credential's user: what was asked for, `source`, `observe_time` and `unset_fields`."""
        data = await self._ask(for_account(question.paths), inquiry)
        return mapping.to_account(self._id, data, question.paths, inquiry.observed())

    async def _ask(self, selected: Selection, inquiry: Inquiry) -> AnalyticsData:
        try:
            return await self._upstream.ask(_request(selected), partial(read_answer, selected=selected), inquiry)
        except SourceError as error:
            better = await self._explained(error, inquiry)
            if better is None:
                raise
            raise better from error

    async def _explained(self, error: SourceError, inquiry: Inquiry) -> SourceError | None:
        for explanation in self._explanations:
            if (better := await explanation.explain(error, inquiry)) is not None:
                return better
        return None


@lru_cache(maxsize=_REQUESTS_KEPT)
def _request(selected: Selection) -> Request:
    query = {"$select": ",".join(selected)} if selected else {}
    # A POST that only reads, so it is safe to repeat. Its body is empty, as that of SuperOffice's own client.
    return Request(method="POST", path=METHOD, query=query, body=b"")


@asynccontextmanager
async def open_source(
    source: str, settings: SuperOfficeSettings, outside: Outside
) -> AsyncGenerator[SuperOfficeSource]:
    """Open a source of the given id, and close it in the end. Sends nothing yet."""
    async with open_transport(source, settings, outside) as transport:
        credential = open_credential(settings, transport, outside)
        tenant = _tenant_address(settings, transport, outside)
        address = FixedAddress(settings.api_url or "") if tenant is None else tenant
        preflight = Preflight(address, credential, transport, outside, help_=_help(settings))
        upstream = transport.upstream(address, credential, _headers(settings))
        yield SuperOfficeSource(source, upstream, [preflight] if tenant is None else [tenant, preflight])


def _tenant_address(settings: SuperOfficeSettings, transport: Transport, outside: Outside) -> TenantAddress | None:
    """The address that SuperOffice Online is asked for; None where the settings have it."""
    if settings.api_url is not None or settings.online_host is None or settings.customer is None:
        return None
    tenant = Tenant(
        online_url=URL(settings.online_host), customer=settings.customer, allowed_domain=settings.allowed_domain
    )
    return TenantAddress(tenant, transport, outside)


def _help(settings: SuperOfficeSettings) -> str:
    """How a wrong address is put right."""
    if settings.base_url is not None:
        return "correct base_url"
    return "check customer and environment; if both are right, ask SuperOffice's support"


def _headers(settings: SuperOfficeSettings) -> dict[str, str]:
    headers = {
        # Without a language, texts come in all languages at once, or as resource ids.
        "Accept-Language": settings.language,
        "SO-Language": settings.language,
        # Without it, dates come in the tenant's own zone and do not say which.
        "SO-TimeZone": "UTC, includeTZOffset",
    }
    if settings.culture is not None:
        headers["SO-Culture"] = settings.culture
    return headers
