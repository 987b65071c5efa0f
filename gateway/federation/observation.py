"""What came of one question to one source."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import cast

from adapters.drift import DriftLog
from adapters.errors import AnswerIncompleteError, AnswerTruncatedError, CacheMissError, NotAskedError, SourceError
from adapters.ports import EventsPage
from adapters.query import RankingQuestion
from gateway.federation.asks import Ask
from gateway.federation.outcomes import outcome_of
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import Part, SourceOutcome
from unified.analytics.v1.ranking_pb2 import Ranking, RankingEntry
from unified.analytics.v1.time_series_pb2 import TimeSeries

Item = Metric | TimeSeries | Ranking | Account | EventCount | EventsPage
"""What an answer consists of. Many calls may share one: nobody changes it."""


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
    stale: Exception | None = None
    """Why an older observation is served in place of a new one: a `SourceError`, or a fault in the adapter."""

    @property
    def source(self) -> str:
        """Id of the source asked."""
        return self.ask.source.id

    @property
    def part(self) -> Part:
        """The part of the answer that it is about."""
        return self.ask.part

    @cached_property
    def outcome(self) -> SourceOutcome:
        """What it comes to on its own. Many calls may share it: nobody changes it."""
        return outcome_of([self])

    def in_place_of(self, failed: Exception) -> "Observation":
        """The same, served since no newer one could be had."""
        return replace(self, stale=failed)

    @cached_property
    def lacks(self) -> Mapping[str, SourceError]:
        """Ids of what is not there, each with its reason: what is `missing`, and what the items leave untold."""
        return dict(_lacks(self))


def cache_miss(ask: Ask) -> Observation:
    """What comes of a question that must not be put to the upstream, and has no answer at hand."""
    why = CacheMissError("Nothing is at hand, and the request forbade asking the upstream; ask with another freshness.")
    return Observation(ask=ask, error=why)


def not_asked(seen: Observation) -> Observation:
    """What comes of such a question where what is at hand is no longer fresh."""
    message = "What is at hand is no longer fresh, and the request forbade asking the upstream."
    return seen.in_place_of(NotAskedError(message))


def _lacks(observation: Observation) -> Iterator[tuple[str, SourceError]]:
    """What an observation lacks, and why. What failed as a whole is named by its question."""
    if observation.error and isinstance(observation.ask.question, RankingQuestion):
        yield observation.ask.question.ranking, _incomplete()
    if observation.items and isinstance(observation.items[0], Metric):
        # Looked through at once: there may be thousands of them, and they are all of one kind.
        rows = cast("Sequence[Metric]", observation.items)
        for metric in [row.metric for row in rows if not row.HasField("value")]:
            yield metric, _incomplete()
    else:
        for item in observation.items:
            yield from _lacking(item)
    yield from observation.missing.items()


def _incomplete() -> SourceError:
    return AnswerIncompleteError("The upstream answered without something that was asked for.")


def _lacking(item: Item) -> Iterator[tuple[str, SourceError]]:
    match item:
        case EventCount() if not item.HasField("count"):
            yield "count", _incomplete()
        case Ranking() if item.truncated:
            message = "Not all events could be read within the gateway's limits: the ranking is of the oldest ones."
            yield item.ranking, AnswerTruncatedError(message)
        case Ranking() if not all(_is_told(entry, item.ranked_by) for entry in item.entries):
            yield item.ranking, _incomplete()


def _is_told(entry: RankingEntry, metric: str) -> bool:
    """Whether an entry has the number that decides its place."""
    return any(measure.metric == metric and measure.HasField("value") for measure in entry.measures)
