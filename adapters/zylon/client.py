"""A Zylon organisation as a source: which requests answer which question."""

from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import structlog

from adapters.drift import DriftLog
from adapters.errors import AnswerIncompleteError, BeyondHorizonError
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.ports import Connection
from adapters.query import MetricsQuestion, RankingQuestion, SeriesQuestion, Window
from adapters.transport import FixedAddress, Request, Rows, RowsReader, TolerantDecoder, Upstream, open_transport
from adapters.zylon import mapping, wire
from adapters.zylon.catalogue import ACTIVE_PROJECTS, ACTIVE_USERS, DESCRIPTORS, INTERACTIONS, SERIES_TYPES
from adapters.zylon.days import DailyCounts, Retention, read_days
from adapters.zylon.settings import ZylonSettings
from adapters.zylon.together import ask_all
from adapters.zylon.units import Finding, TimeUnit, UnitFinder, find_unit
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries

_ANALYTICS = "v1/app/organization/analytics"

_TOTALS = Request(method="GET", path=f"{_ANALYTICS}/totals")

_UNITS = {"auto": None, "seconds": TimeUnit.SECONDS, "milliseconds": TimeUnit.MILLISECONDS}

_read_totals = TolerantDecoder(wire.AnalyticsTotals)
_read_series = RowsReader(list[wire.TimeseriesPoint])
_read_ranking: dict[str, Callable[[bytes, DriftLog], Rows[wire.ActiveUser] | Rows[wire.ActiveProject]]] = {
    ACTIVE_USERS: RowsReader(list[wire.ActiveUser]),
    ACTIVE_PROJECTS: RowsReader(list[wire.ActiveProject]),
}


class ZylonSource:
    """Totals, daily series, and rankings of users and projects."""

    def __init__(self, source: str, settings: ZylonSettings, upstream: Upstream, outside: Outside) -> None:
        """Nothing is sent yet."""
        self._id = source
        self._settings = settings
        self._upstream = upstream
        self._clock = outside.clock
        self._finder = UnitFinder(_UNITS[settings.time_unit], self._log_unit)

    @property
    def id(self) -> str:
        """The id, as configured."""
        return self._id

    @property
    def connection(self) -> Connection:
        """How the installation is reached."""
        return self._upstream.connection

    @property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        """All five totals."""
        return DESCRIPTORS

    @property
    def series_metrics(self) -> frozenset[str]:
        """All but the projects."""
        return frozenset(SERIES_TYPES)

    @property
    def rankings(self) -> frozenset[str]:
        """Users and projects."""
        return frozenset(_read_ranking)

    @property
    def overview_rankings(self) -> frozenset[str]:
        """Both: each is one cheap request."""
        return self.rankings

    async def check(self, inquiry: Inquiry) -> None:
        """Ask for the totals: unlike `GET /api/v1/app/me`, that proves the right to analytics too."""
        await self._totals(inquiry)

    async def metrics(self, question: MetricsQuestion, inquiry: Inquiry) -> Sequence[Metric]:
        """The totals, as of now. They have no window."""
        totals = await self._totals(inquiry)
        return mapping.metrics(totals, question.metrics, self._id, inquiry.observed())

    async def series(self, question: SeriesQuestion, inquiry: Inquiry) -> Sequence[TimeSeries]:
        """One series per metric, each of one request, sent at once.

        Raises:
            BeyondHorizonError: the whole window lies before what the upstream keeps.
            SourceError: no series could be had.
        """
        retention = self._retention()
        if question.window.end <= retention.start():
            raise _beyond(retention)
        kept = Window(start=max(question.window.start, retention.start()), end=question.window.end)
        unit = await self._unit(inquiry)
        ask = partial(self._days, window=kept, unit=unit, inquiry=inquiry)
        counts, failures = await ask_all(sorted(question.metrics), ask)
        if not counts:
            raise next(iter(failures.values()))
        for metric, error in failures.items():
            inquiry.miss(metric, error)
        for metric, days in counts.items():
            if days.has_holes(kept):
                inquiry.miss(metric, AnswerIncompleteError("Not every day of the upstream's series could be read."))
        return mapping.time_series(counts, question, self._id)

    async def ranking(self, question: RankingQuestion, inquiry: Inquiry) -> Ranking:
        """One request.

        Raises:
            BeyondHorizonError: the window begins before what the upstream keeps: it would count less than it says.
            SourceError: the ranking could not be had.
        """
        retention = self._retention()
        if question.window.start < retention.start():
            raise _beyond(retention)
        unit = await self._unit(inquiry)
        query = _dates(question.window, unit) | {"limit": str(question.limit)}
        request = Request(method="GET", path=f"{_ANALYTICS}/ranking/{question.ranking}", query=query)
        answer = await self._upstream.ask(request, _read_ranking[question.ranking], inquiry)
        answer.miss_lost(question.ranking, inquiry)
        return mapping.ranking(answer.rows, question, self._id)

    async def _totals(self, inquiry: Inquiry) -> wire.AnalyticsTotals:
        return await self._upstream.ask(_TOTALS, _read_totals, inquiry)

    async def _days(self, metric: str, *, window: Window, unit: TimeUnit, inquiry: Inquiry) -> DailyCounts:
        query = _dates(window, unit) | {"type": SERIES_TYPES[metric]}
        request = Request(method="GET", path=f"{_ANALYTICS}/timeseries", query=query)
        answer = await self._upstream.ask(request, _read_series, inquiry)
        return read_days(answer, window, self._retention())

    def _retention(self) -> Retention:
        return Retention.at(self._clock.now(), self._settings.horizon_days)

    async def _unit(self, inquiry: Inquiry) -> TimeUnit:
        return await self._finder.unit(partial(self._find_unit, inquiry), inquiry)

    async def _find_unit(self, inquiry: Inquiry) -> Finding:
        """Look at the interactions of all that is kept; the other series are asked only if there is not one."""
        finding = await find_unit(partial(self._holds_data, (INTERACTIONS,), inquiry=inquiry))
        if finding.is_certain:
            return finding
        others = sorted(self.series_metrics - {INTERACTIONS})
        return await find_unit(partial(self._holds_data, others, inquiry=inquiry))

    async def _holds_data(self, metrics: Iterable[str], unit: TimeUnit, *, inquiry: Inquiry) -> bool:
        window = self._retention().window()
        ask = partial(self._days, window=window, unit=unit, inquiry=inquiry)
        counts, failures = await ask_all(metrics, ask)
        if any(any(days.values.values()) for days in counts.values()):
            return True
        for error in failures.values():
            raise error
        return False

    def _log_unit(self, unit: TimeUnit) -> None:
        structlog.get_logger().info("time_unit_found", source=self._id, unit=unit.name.lower())


@asynccontextmanager
async def open_source(source: str, settings: ZylonSettings, outside: Outside) -> AsyncGenerator[ZylonSource]:
    """A source that asks the organisation of the settings. Sends nothing yet."""
    address, credential = FixedAddress(settings.api_url), settings.auth.credential()
    async with open_transport(source, settings, outside) as transport:
        upstream = transport.upstream(address, credential, {"x-org": settings.org})
        yield ZylonSource(source, settings, upstream, outside)


def _dates(window: Window, unit: TimeUnit) -> dict[str, str]:
    """Both dates, always: the reference requires them for series, though the guide does not."""
    return {"start_date": str(unit.first(window)), "end_date": str(unit.last(window))}


def _beyond(retention: Retention) -> BeyondHorizonError:
    return BeyondHorizonError(
        f"The window must start on or after {retention.first.isoformat()}: the source keeps no more."
    )
