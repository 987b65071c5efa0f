"""A Fluid Topics portal as a source."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from adapters.drift import DriftLog
from adapters.fluidtopics import dates
from adapters.fluidtopics.client import Client, EventsQuery, open_client
from adapters.fluidtopics.counts import answers
from adapters.fluidtopics.counts.counting import Counting, miss_unread
from adapters.fluidtopics.events import position
from adapters.fluidtopics.events.ahead import read_ahead
from adapters.fluidtopics.events.position import Position
from adapters.fluidtopics.events.scan import Scan
from adapters.fluidtopics.events.walk import Bookmarks, Leaf, Walk
from adapters.fluidtopics.mapping import EventMapper, source_window
from adapters.fluidtopics.rankings import RANKINGS, Rankings
from adapters.fluidtopics.settings import FluidTopicsSettings
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.ports import Connection, EventsPage
from adapters.query import (
    CountQuestion,
    EventOrder,
    EventsQuestion,
    MetricsQuestion,
    RankingQuestion,
    SeriesQuestion,
    Window,
)
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor
from unified.analytics.v1.outcome_pb2 import SourceWindow
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class FluidTopicsSource:
    """One portal: event counts, series, rankings and single events."""

    id: str
    client: Client
    settings: FluidTopicsSettings
    counting: Counting
    ranker: Rankings

    @property
    def connection(self) -> Connection:
        """How the portal is reached."""
        return self.client.connection

    @property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        """The one metric, told per event name."""
        return (answers.EVENTS_DESCRIPTOR,)

    @property
    def series_metrics(self) -> frozenset[str]:
        """The same one."""
        return frozenset({answers.EVENTS_METRIC})

    @property
    def rankings(self) -> frozenset[str]:
        """Ids of the rankings."""
        return RANKINGS

    @property
    def overview_rankings(self) -> frozenset[str]:
        """None: they cost calls that the licence meters."""
        return frozenset()

    async def check(self, inquiry: Inquiry) -> None:
        """Ask for one event of the last hour."""
        await self.client.check(inquiry.clock.now(), inquiry)

    async def metrics(self, question: MetricsQuestion, inquiry: Inquiry) -> Sequence[Metric]:
        """One row per event name that occurred, sorted by name."""
        self._refuse_beyond_horizon(question.window, inquiry)
        tally = await self.counting.tally(question.window, inquiry)
        miss_unread(answers.EVENTS_METRIC, tally, inquiry)
        return answers.metrics(self.id, tally, question.window)

    async def series(self, question: SeriesQuestion, inquiry: Inquiry) -> Sequence[TimeSeries]:
        """One series per event name that occurred or was asked for, sorted by name."""
        self._refuse_beyond_horizon(question.window, inquiry)
        names = question.event_names
        tally = await self.counting.tally(question.window, inquiry, period=question.period, names=names)
        miss_unread(answers.EVENTS_METRIC, tally, inquiry)
        return answers.series(self.id, tally, question, inquiry.clock.now())

    async def ranking(self, question: RankingQuestion, inquiry: Inquiry) -> Ranking:
        """The most frequent subjects; but for `event-names` of as many events as the settings let us read."""
        self._refuse_beyond_horizon(question.window, inquiry)
        return await self.ranker.ranking(question, inquiry)

    async def events(self, question: EventsQuestion, inquiry: Inquiry) -> EventsPage:
        """One page, in either order. Upstream pages keep the size of the first question, so as to stay aligned."""
        start = self._begin(question, question.size, inquiry)
        if start is None:
            return EventsPage(events=(), window=SourceWindow(source=self.id), position_after=lambda _count: None)
        leaf = None
        async with aclosing(self._walk(question).leaves(start, inquiry)) as leaves:
            async for leaf in leaves:
                if leaf.events:
                    break
        assert leaf is not None  # noqa: S101 - a walk has at least one page
        bookmarks = leaf.bookmarks.alone(question.size)
        return self._page(leaf, EventMapper(self.id), inquiry, question.size, bookmarks)

    async def walk(self, question: EventsQuestion, inquiry: Inquiry) -> AsyncGenerator[EventsPage]:
        """All events, page by page, the next ones being fetched while the present ones are used."""
        start = self._begin(question, self.settings.per_page, inquiry)
        if start is None:
            return
        oldest_first = replace(question, order=EventOrder.OLDEST_FIRST)
        leaves = read_ahead(self._walk(oldest_first).leaves(start, inquiry), self.settings.prefetch_pages)
        mapper = EventMapper(self.id)
        is_first = True
        async with aclosing(leaves):
            async for leaf in leaves:
                if leaf.events or is_first:
                    yield self._page(leaf, mapper, inquiry, len(leaf.events), leaf.bookmarks)
                is_first = False

    async def count(self, question: CountQuestion, inquiry: Inquiry) -> EventCount:
        """How many events there are, from the counts if these can tell, else from the total of a page of one event."""
        self._refuse_beyond_horizon(question.window, inquiry)
        days = dates.split_days(question.window, inquiry.clock.now())
        if question.filter.is_by_user() or days.parts:
            return await self._count_by_total(question, inquiry)
        tally = await self.counting.tally(question.window, inquiry, names=question.filter.names)
        return answers.event_count(self.id, question.window, tally.total_of_all())

    async def _count_by_total(self, question: CountQuestion, inquiry: Inquiry) -> EventCount:
        window = dates.askable(question.window, inquiry.clock.now())
        if window is None:
            return answers.event_count(self.id, question.window, 0)
        query = EventsQuery(window=window, filter=question.filter, order=EventOrder.NEWEST_FIRST)
        answer = await self.client.events(query, 1, 1, inquiry)
        counted = Window(start=window.start, end=dates.ceil(question.window.end))
        return answers.event_count(self.id, counted, answer.paging.total_count if answer.paging else None)

    def _begin(self, question: EventsQuestion, per_page: int, inquiry: Inquiry) -> Position | None:
        """Where to read on, or begin; None if nothing of the window has happened yet."""
        self._refuse_beyond_horizon(question.window, inquiry)
        if question.position is not None:
            return position.decode(question.position, question.window)
        window = dates.askable(question.window, inquiry.clock.now())
        return None if window is None else Position(per_page=per_page, end=window.end)

    def _walk(self, question: EventsQuestion) -> Walk:
        return Walk(
            client=self.client,
            window=question.window,
            filter=question.filter,
            order=question.order,
            max_pages=self.settings.max_pages,
        )

    def _page(self, leaf: Leaf, mapper: EventMapper, inquiry: Inquiry, size: int, bookmarks: Bookmarks) -> EventsPage:
        drift = DriftLog()
        events = mapper.events(leaf.events[:size], drift)
        inquiry.drift.merge(drift)
        return EventsPage(
            events=events, window=source_window(self.id, leaf.answer), position_after=bookmarks.position_after
        )

    def _refuse_beyond_horizon(self, window: Window, inquiry: Inquiry) -> None:
        dates.refuse_beyond(timedelta(days=self.settings.horizon_days), window, inquiry.clock.now())


@asynccontextmanager
async def open_source(
    source: str, settings: FluidTopicsSettings, outside: Outside
) -> AsyncGenerator[FluidTopicsSource]:
    """Open a portal as the source of the given id. Sends nothing yet."""
    async with open_client(source, settings, outside) as client:
        scan = Scan(
            client=client,
            per_page=settings.per_page,
            most_pages=settings.scan_pages,
            prefetch_pages=settings.prefetch_pages,
        )
        counting = Counting(client=client, scan=scan)
        ranker = Rankings(source=source, client=client, counting=counting, scan=scan)
        yield FluidTopicsSource(id=source, client=client, settings=settings, counting=counting, ranker=ranker)
