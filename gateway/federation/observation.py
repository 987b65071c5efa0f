"""Puts one question to one source, and tells what happened, whatever happened."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

import structlog

from adapters.drift import DriftLog
from adapters.errors import (
    AnswerIncompleteError,
    AnswerTruncatedError,
    CacheMissError,
    InvalidPositionError,
    SourceError,
    UpstreamTimeoutError,
)
from adapters.inquiry import Inquiry
from adapters.ports import EventsPage
from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventsQuestion,
    MetricsQuestion,
    RankingQuestion,
    SeriesQuestion,
)
from gateway.federation.asks import Ask, CheckQuestion
from gateway.pipeline.call import Call
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import Part
from unified.analytics.v1.ranking_pb2 import Ranking, RankingEntry
from unified.analytics.v1.time_series_pb2 import TimeSeries

Item = Metric | TimeSeries | Ranking | Account | EventCount | EventsPage
"""What an answer consists of."""

Put = Callable[[Ask, Inquiry], Awaitable[Sequence[Item]]]
"""How a question is put."""

MARGIN = 0.02
"""Seconds by which a source's time ends before the call leaves: a last attempt that times out costs only itself."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What came of one question to one source. Without slots: what it lacks is found out once, and wanted twice."""

    ask: Ask
    items: Sequence[Item] = ()
    error: Exception | None = None
    """Why there is no answer: a `SourceError`, `InvalidPositionError`, or a fault in the adapter, which is logged."""
    observe_time: datetime | None = None
    attempts: int = 0
    latency: timedelta = timedelta()
    drift: DriftLog = field(default_factory=DriftLog)
    missing: Mapping[str, SourceError] = field(default_factory=dict)
    """What the adapter could not get, each with its reason."""

    @property
    def source(self) -> str:
        """Id of the source asked."""
        return self.ask.source.id

    @property
    def part(self) -> Part:
        """The part of the answer that it is about."""
        return self.ask.part

    @cached_property
    def lacks(self) -> Mapping[str, SourceError]:
        """Ids of what is not there, each with its reason: what is `missing`, and what the items leave untold."""
        return dict(_lacks(self))


def cache_miss(ask: Ask) -> Observation:
    """What comes of a question that must not be put to the upstream, as long as nothing is kept."""
    why = CacheMissError("Nothing is at hand, and the request forbade asking the upstream; ask with another freshness.")
    return Observation(ask=ask, error=why)


async def observe(ask: Ask, call: Call, put: Put) -> Observation:
    """Put one question of a call, and leave at `call.leave_at()`. Raises only if it is cancelled."""
    clock, leave_at = call.clock, call.leave_at()
    inquiry = Inquiry(source=ask.source.id, clock=clock, deadline=leave_at - MARGIN)
    started = clock.monotonic()
    items: Sequence[Item] = ()
    error: Exception | None = None
    try:
        async with clock.timeout_at(leave_at):
            items = await put(ask, inquiry)
    except TimeoutError:
        error = UpstreamTimeoutError("No answer came within the time that the call allowed.")
    except (SourceError, InvalidPositionError) as caught:
        error = caught
    except (Exception, asyncio.CancelledError) as caught:  # noqa: BLE001 - one source's fault is not the others'
        error = _fault(ask, call, caught)
    return Observation(
        ask=ask,
        items=items,
        error=error,
        observe_time=inquiry.observe_time,
        attempts=inquiry.attempts,
        latency=timedelta(seconds=clock.monotonic() - started),
        drift=inquiry.drift,
        missing=inquiry.missing,
    )


def _fault(ask: Ask, call: Call, caught: BaseException) -> Exception:
    """A fault of the adapter, which costs its own source only. A cancellation that somebody asked for goes on."""
    task = asyncio.current_task()
    if isinstance(caught, asyncio.CancelledError) and task is not None and task.cancelling():
        raise caught
    structlog.get_logger().error(
        "source_fault", source=ask.source.id, kind=ask.source.kind, request_id=call.request_id, exc_info=caught
    )
    return caught if isinstance(caught, Exception) else RuntimeError("the adapter cancelled itself")


async def put(ask: Ask, inquiry: Inquiry) -> Sequence[Item]:  # noqa: PLR0911 - one for each kind of question
    """Put a question to the port that it is for.

    Raises:
        SourceError: the source can't answer.
        InvalidPositionError: the position in the question is not one that the source gave out.
    """
    ports = ask.source.ports
    match ask.question:
        case MetricsQuestion() as question if ports.metrics is not None:
            return await ports.metrics.metrics(question, inquiry)
        case SeriesQuestion() as question if ports.series is not None:
            return await ports.series.series(question, inquiry)
        case RankingQuestion() as question if ports.rankings is not None:
            return [await ports.rankings.ranking(question, inquiry)]
        case AccountQuestion() as question if ports.accounts is not None:
            return [await ports.accounts.account(question, inquiry)]
        case EventsQuestion() as question if ports.events is not None:
            return [await ports.events.events(question, inquiry)]
        case CountQuestion() as question if ports.events is not None:
            return [await ports.events.count(question, inquiry)]
        case CheckQuestion():
            await ask.source.source.check(inquiry)
            return []
        case question:
            raise TypeError(f"{ask.source.id} was asked a {type(question).__name__}, for which it has no port")


def _lacks(observation: Observation) -> Iterator[tuple[str, SourceError]]:
    """What an observation lacks, and why. What failed as a whole is named by its question."""
    incomplete = AnswerIncompleteError("The upstream answered without something that was asked for.")
    if observation.error and isinstance(observation.ask.question, RankingQuestion):
        yield observation.ask.question.ranking, incomplete
    for item in observation.items:
        yield from _lacking(item, incomplete)
    yield from observation.missing.items()


def _lacking(item: Item, incomplete: SourceError) -> Iterator[tuple[str, SourceError]]:
    match item:
        case Metric() if not item.HasField("value"):
            yield item.metric, incomplete
        case EventCount() if not item.HasField("count"):
            yield "count", incomplete
        case Ranking() if item.truncated:
            message = "Not all events could be read within the gateway's limits: the ranking is of the oldest ones."
            yield item.ranking, AnswerTruncatedError(message)
        case Ranking() if not all(_is_told(entry, item.ranked_by) for entry in item.entries):
            yield item.ranking, incomplete


def _is_told(entry: RankingEntry, metric: str) -> bool:
    """Whether an entry has the number that decides its place."""
    return any(measure.metric == metric and measure.HasField("value") for measure in entry.measures)
