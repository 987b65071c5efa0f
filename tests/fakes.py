"""Sources without upstreams. Each has the ports of its class, and answers at once unless it says otherwise."""

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.clock import Clock
from adapters.errors import InvalidPositionError, UnreachableError
from adapters.inquiry import Inquiry
from adapters.ports import Connection, EventsPage, Source
from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventOrder,
    EventsQuestion,
    MetricsQuestion,
    RankingQuestion,
    SeriesQuestion,
)
from gateway.federation import Federation, OpenSource
from gateway.pipeline.call import Call
from tests.clock import START, VirtualClock
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.event_pb2 import Event, EventCount
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor
from unified.analytics.v1.outcome_pb2 import SourceOutcome, SourceWindow
from unified.analytics.v1.ranking_pb2 import Measure, Ranking, RankingEntry
from unified.analytics.v1.time_series_pb2 import Point, TimeSeries


class Ready:
    """A source that has its answer at hand."""

    def __init__(self, id: str) -> None:  # noqa: A002 - what the port calls it
        self.id = id
        self.connection = Connection(
            address=f"http://{id}.invalid", credential_scheme="bearer", credential_expire_time=None
        )
        self.asked: list[object] = []

    async def check(self, inquiry: Inquiry) -> None:
        await self.ready(inquiry)

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        """What happens before each answer."""
        self.asked.append(question)
        inquiry.attempts += 1
        inquiry.observed()


class FakeSource(Ready):
    """Tells numbers: `FakeSource("ai", projects=12)` has the metric `ai.projects`. None is what it does not say."""

    def __init__(self, id: str, **numbers: float | None) -> None:  # noqa: A002 - what the port calls it
        super().__init__(id)
        self._numbers = {f"{id}.{name}": number for name, number in numbers.items()}

    @property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        return [MetricDescriptor(metric=metric) for metric in self._numbers]

    async def metrics(self, question: MetricsQuestion, inquiry: Inquiry) -> Sequence[Metric]:
        await self.ready(inquiry, question)
        return [
            Metric(metric=metric, source=self.id, value=number)
            for metric, number in self._numbers.items()
            if metric in question.metrics
        ]


class DeadSource(FakeSource):
    """Can't be reached, or fails as it is told."""

    def __init__(self, id: str, error: Exception | None = None, **numbers: float | None) -> None:  # noqa: A002 - as above
        super().__init__(id, **(numbers or {"things": 1}))
        self._error = error or UnreachableError("No connection.")

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        self.asked.append(question)
        inquiry.attempts += 1
        raise self._error


class SlowSource(FakeSource):
    """Takes so many seconds."""

    def __init__(self, id: str, seconds: float, **numbers: float | None) -> None:  # noqa: A002 - as above
        super().__init__(id, **(numbers or {"things": 1}))
        self._seconds = seconds

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        inquiry.attempts += 1
        await inquiry.clock.sleep(self._seconds)
        await super().ready(inquiry, question)


class HangingSource(FakeSource):
    """Never answers, and takes note of being sent away."""

    def __init__(self, id: str, **numbers: float | None) -> None:  # noqa: A002 - as above
        super().__init__(id, **(numbers or {"things": 1}))
        self.hanging = asyncio.Event()
        self.left = 0

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        self.asked.append(question)
        inquiry.attempts += 1
        self.hanging.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left += 1


class FakeEverything(FakeSource):
    """Tells numbers, now and day by day, ranks and has an account. It ranks `active-users` in overviews, too."""

    series_metrics: frozenset[str] = frozenset()
    rankings = frozenset({"active-users", "search-terms"})
    overview_rankings = frozenset({"active-users"})

    def __init__(self, id: str, **numbers: float | None) -> None:  # noqa: A002 - as above
        super().__init__(id, **numbers)
        self.series_metrics = frozenset(list(self._numbers)[:1])

    async def series(self, question: SeriesQuestion, inquiry: Inquiry) -> Sequence[TimeSeries]:
        await self.ready(inquiry, question)
        points = [Point(start_time=span.start, end_time=span.end) for span, _ in question.period.split(question.window)]
        return [TimeSeries(metric=metric, source=self.id, points=points) for metric in question.metrics]

    async def ranking(self, question: RankingQuestion, inquiry: Inquiry) -> Ranking:
        await self.ready(inquiry, question)
        counts = [Measure(metric="things", value=1)]
        entries = [RankingEntry(rank=rank, measures=counts) for rank in range(1, question.limit + 1)]
        return Ranking(ranking=question.ranking, source=self.id, ranked_by="things", entries=entries)

    async def account(self, question: AccountQuestion, inquiry: Inquiry) -> Account:
        await self.ready(inquiry, question)
        return Account(source=self.id)


@dataclass(slots=True)
class Walked:
    """What became of a walk."""

    pages: int = 0
    closed: bool = False


class FakeEvents(Ready):
    """Has so many events, the last a second before `START`, and one each `step` before it. A position is an index."""

    def __init__(  # noqa: PLR0913 - all but the first two have their usual value
        self,
        id: str,  # noqa: A002 - what the port calls it
        count: int,
        *,
        step: timedelta = timedelta(seconds=1),
        weight: int = 0,
        pages_of: int = 1000,
        fails_after: int | None = None,
        knows_its_end: bool = True,
    ) -> None:
        super().__init__(id)
        self.walks: list[Walked] = []
        self._pages_of = pages_of
        self._fails_after = fails_after
        self._knows_positions = True
        self._knows_its_end = knows_its_end
        self._events = [
            Event(
                source=id,
                id=f"{id}-{index}",
                event_time=START - timedelta(seconds=1) - step * (count - 1 - index),
                user_agent="x" * weight,
            )
            for index in range(count)
        ]

    def forget_positions(self) -> None:
        """From now on no position is one that it gave out."""
        self._knows_positions = False

    async def events(self, question: EventsQuestion, inquiry: Inquiry) -> EventsPage:
        await self.ready(inquiry, question)
        return self._page(question, self._start(question), min(question.size, self._pages_of))

    async def walk(self, question: EventsQuestion, inquiry: Inquiry) -> AsyncGenerator[EventsPage]:
        self.walks.append(walked := Walked())
        start = self._start(question)
        try:
            while start < len(self._within(question)):
                await self.ready(inquiry, question)
                if walked.pages == self._fails_after:
                    raise UnreachableError("No connection any more.")
                walked.pages += 1
                yield self._page(question, start, self._pages_of)
                start += self._pages_of
        finally:
            walked.closed = True

    async def count(self, question: CountQuestion, inquiry: Inquiry) -> EventCount:
        await self.ready(inquiry, question)
        return EventCount(source=self.id, count=len(self._events))

    def _within(self, question: EventsQuestion) -> list[Event]:
        window = question.window
        found = [event for event in self._events if window.start <= _time(event) < window.end]
        return found if question.order == EventOrder.OLDEST_FIRST else found[::-1]

    def _page(self, question: EventsQuestion, start: int, size: int) -> EventsPage:
        found = self._within(question)
        window = SourceWindow(
            source=self.id,
            start_time=question.window.start,
            end_time=question.window.end,
            total_size=len(found),
        )
        return EventsPage(
            events=found[start : start + size],
            window=window,
            position_after=lambda read: (
                str(start + read) if start + read < len(found) or not self._knows_its_end else None
            ),
        )

    def _start(self, question: EventsQuestion) -> int:
        if question.position is None:
            return 0
        if not self._knows_positions or not question.position.isdecimal():
            raise InvalidPositionError
        return int(question.position)


class DeadEvents(FakeEvents):
    """Can't be reached, or fails as it is told, but for the first `answers` questions."""

    def __init__(self, id: str, count: int, error: Exception | None = None) -> None:  # noqa: A002 - as above
        super().__init__(id, count)
        self.answers = 0
        self._error = error or UnreachableError("No connection.")

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        await super().ready(inquiry, question)
        if self.answers <= 0:
            raise self._error
        self.answers -= 1


def opened(*sources: Source, kind: str = "fake") -> dict[str, OpenSource]:
    """The sources as the gateway configures them."""
    return {
        source.id: OpenSource(id=source.id, kind=kind, display_name=source.id.title(), source=source)
        for source in sources
    }


def federation(*sources: Source, clock: Clock | None = None) -> Federation:
    """A federation of the sources, on a clock that stands still unless another is given."""
    return Federation(opened(*sources), clock or VirtualClock())


def a_call(clock: Clock | None = None, seconds: float = 10) -> Call:
    """A call that has just arrived and has so much time."""
    clock = clock or VirtualClock()
    now = clock.monotonic()
    return Call(method="Test", transport="grpc", request_id="test", clock=clock, started=now, deadline=now + seconds)


def values(metrics: Iterable[Metric]) -> dict[str, float]:
    """The numbers by metric; what has no value is left out."""
    return {metric.metric: metric.value for metric in metrics if metric.HasField("value")}


def states(outcomes: Iterable[SourceOutcome]) -> dict[str, str]:
    """The states by source, without their prefix."""
    return {found.source: SourceOutcome.State.Name(found.state).removeprefix("STATE_") for found in outcomes}


def _time(event: Event) -> datetime:
    return START + timedelta(microseconds=event.event_time.ToMicroseconds() - int(START.timestamp() * 1_000_000))
