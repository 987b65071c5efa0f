"""Asks Fluid Topics: requests as its API reference wants them, answers as wire structs."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from importlib.metadata import version

import msgspec

from adapters.drift import OTHERS, DriftKind, DriftLog
from adapters.errors import InvalidResponseError, RequestRefusedError
from adapters.fluidtopics import dates, wire
from adapters.fluidtopics.counts.reading import read_tally
from adapters.fluidtopics.counts.tally import Tally
from adapters.fluidtopics.settings import FluidTopicsSettings
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.ports import Connection
from adapters.query import EventFilter, EventOrder, Period, Window
from adapters.transport import FixedAddress, Request, TolerantDecoder, Upstream, open_transport

_EVENTS = "analytics/api/v1/events"
_COUNTS = "analytics/api/v1/traffic/event-counts"
_SPELLINGS = {
    "camel": {EventOrder.NEWEST_FIRST: "latestFirst", EventOrder.OLDEST_FIRST: "oldestFirst"},
    "pascal": {EventOrder.NEWEST_FIRST: "LatestFirst", EventOrder.OLDEST_FIRST: "OldestFirst"},
}
_REQUESTS_KEPT = 64
"""Requests for counts that are kept: several portals, and a dashboard again and again, are asked the same question."""
_OTHER = {"camel": "pascal", "pascal": "camel"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """Which events are asked for, in whole seconds, and in which order."""

    window: Window
    filter: EventFilter
    order: EventOrder


class Client:
    """One portal."""

    def __init__(self, upstream: Upstream, settings: FluidTopicsSettings) -> None:
        """Ask through `upstream`."""
        self._upstream = upstream
        self._spelling: str = settings.sort_order_spelling
        self._spelling_is_proven = False
        self._read_events = TolerantDecoder(wire.EventsAnswer)
        self._read_counts = TolerantDecoder(wire.CountsAnswer)

    async def events(self, query: EventsQuery, page: int, per_page: int, inquiry: Inquiry) -> wire.EventsAnswer:
        """One page of events, from 1, whole. Its `results` are never None.

        Fluid Topics' reference spells the sort order in two ways. Until one has been accepted, a refusal makes us try
        the other.
        """
        spelling = self._spelling
        try:
            answer = await self._events(query, page, per_page, inquiry, spelling)
        except RequestRefusedError as refusal:
            if self._spelling_is_proven:
                raise
            spelling = _OTHER[spelling]
            try:
                answer = await self._events(query, page, per_page, inquiry, spelling)
            except RequestRefusedError:
                raise refusal from None
        self._spelling, self._spelling_is_proven = spelling, True
        return answer

    async def counts(self, window: Window, period: Period, names: tuple[str, ...], inquiry: Inquiry) -> Tally | None:
        """How many events of each name each whole period of a window holds. None: their periods are not ours."""

        def read(answer: bytes, drift: DriftLog) -> Tally | None:
            return read_tally(self._read_counts(answer, drift), window, period, drift)

        return await self._upstream.ask(_counts(window, period, names), read, inquiry)

    async def check(self, now: datetime, inquiry: Inquiry) -> None:
        """Ask for one event of the last hour."""
        window = Window(start=dates.floor(now) - timedelta(hours=1), end=dates.floor(now))
        query = EventsQuery(window=window, filter=EventFilter(), order=EventOrder.NEWEST_FIRST)
        await self.events(query, 1, 1, inquiry)

    @property
    def connection(self) -> Connection:
        """How the portal is reached."""
        return self._upstream.connection

    async def _events(
        self, query: EventsQuery, page: int, per_page: int, inquiry: Inquiry, spelling: str
    ) -> wire.EventsAnswer:
        body = wire.EventsRequest(
            start_date=dates.to_wire(query.window.start),
            end_date=dates.to_wire(query.window.end),
            paging=wire.Paging(page=page, per_page=per_page),
            sort_order=_SPELLINGS[spelling][query.order],
            filters=_filters(query.filter),
        )
        return await self._upstream.ask(_post(_EVENTS, body), self._read_page, inquiry)

    def _read_page(self, body: bytes, drift: DriftLog) -> wire.EventsAnswer:
        answer = self._read_events(body, drift)
        if answer.results is None:
            raise InvalidResponseError(
                "The answer holds no list of events under `results`, which Fluid Topics promises."
            )
        # What cannot be read is left out of its list; past so many departures, any of them may be an event.
        if any(kind is DriftKind.MISTYPED and field in {"results[]", OTHERS} for field, kind, _ in drift):
            raise InvalidResponseError("The answer's `results` hold something that is no event, which would be lost.")
        return answer


@asynccontextmanager
async def open_client(source: str, settings: FluidTopicsSettings, outside: Outside) -> AsyncGenerator[Client]:
    """Open the connection to a portal. Sends nothing yet."""
    headers = {
        "Ft-Calling-App": settings.calling_app,
        "Ft-Calling-App-Version": version("analytics-gateway"),
    }
    address, credential = FixedAddress(str(settings.base_url)), settings.auth.credential()
    async with open_transport(source, settings, outside) as transport:
        yield Client(transport.upstream(address, credential, headers), settings)


def _post(path: str, body: msgspec.Struct) -> Request:
    return Request(method="POST", path=path, body=msgspec.json.encode(body))


@lru_cache(maxsize=_REQUESTS_KEPT)
def _counts(window: Window, period: Period, names: tuple[str, ...]) -> Request:
    body = wire.CountsRequest(
        start_date=window.start.date().isoformat(),
        end_date=window.end.date().isoformat(),
        group_by_period=period.name.lower(),
        filters=wire.Filters(name=names) if names else msgspec.UNSET,
    )
    return _post(_COUNTS, body)


def _filters(wanted: EventFilter) -> wire.Filters | msgspec.UnsetType:
    if not wanted.names and not wanted.is_by_user():
        return msgspec.UNSET
    user = wire.UserFilter(
        id=wanted.user_ids, realm=wanted.user_realms, group=wanted.user_groups, role=wanted.user_roles
    )
    return wire.Filters(name=wanted.names, user=user if wanted.is_by_user() else msgspec.UNSET)
