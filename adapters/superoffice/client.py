"""Asks SuperOffice: one call serves every question."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from functools import partial

from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.ports import Connection
from adapters.query import AccountQuestion, MetricsQuestion
from adapters.superoffice import mapping
from adapters.superoffice.answer import read_answer
from adapters.superoffice.metrics import COUNTERS
from adapters.superoffice.selection import CHEAPEST, Selection, for_account, for_metrics
from adapters.superoffice.settings import SuperOfficeSettings
from adapters.superoffice.wire import AnalyticsData
from adapters.transport import FixedAddress, Request, Upstream, open_transport
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor

_PATH = "Agents/Diagnostics/GetAnalyticsData"


class SuperOfficeSource:
    """One installation or tenant, seen by one user: that user's counters and account, and the system's counters."""

    def __init__(self, source: str, upstream: Upstream) -> None:
        """Ask `upstream`, which stays the caller's to close."""
        self._id = source
        self._upstream = upstream
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
        query = {"$select": ",".join(selected)} if selected else {}
        # A POST that only reads, so it is safe to repeat. Its body is empty, as that of SuperOffice's own client.
        request = Request(method="POST", path=_PATH, query=query, body=b"")
        return await self._upstream.ask(request, partial(read_answer, selected=selected), inquiry)


@asynccontextmanager
async def open_source(
    source: str, settings: SuperOfficeSettings, outside: Outside
) -> AsyncGenerator[SuperOfficeSource]:
    """Open a source of the given id, and close it in the end. Sends nothing yet."""
    address, credential = FixedAddress(settings.api_url), settings.auth.credential()
    async with open_transport(source, settings, outside) as transport:
        yield SuperOfficeSource(source, transport.upstream(address, credential, _headers(settings)))


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
