"""What became of each source and part, in the contract's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby, islice

from google.rpc.status_pb2 import Status

from adapters.drift import DriftLog
from adapters.errors import AnswerIncompleteError, AnswerTruncatedError, SourceError, UpstreamTimeoutError
from adapters.query import RankingQuestion
from gateway.federation.asks import Ask
from gateway.federation.observation import Item, Observation
from gateway.pipeline.errors import source_status
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import DriftWarning, SourceOutcome
from unified.analytics.v1.ranking_pb2 import Ranking, RankingEntry

MOST_MISSING = 100
"""Ids of what is missing that one outcome names."""

MOST_DRIFT = 20
"""Drift warnings that one outcome shows, as the contract promises."""

_Reasons = Mapping[str, SourceError]


def outcomes_of(observations: Iterable[Observation]) -> tuple[SourceOutcome, ...]:
    """One outcome per source and part, sorted so."""
    ordered = sorted(observations, key=_place)
    return tuple(outcome_of(list(group)) for _, group in groupby(ordered, key=_place))


def outcome_of(observations: Sequence[Observation]) -> SourceOutcome:
    """The one outcome of all that a source was asked for one part; at least one observation.

    Where some questions failed and others did not, it is partial, and names what was asked in vain.
    """
    missing = dict(item for observation in observations for item in _missing(observation))
    state, error = _verdict(observations, missing)
    ask = observations[0].ask
    return SourceOutcome(
        source=ask.source.id,
        part=ask.part,
        state=state,
        status=_status(ask, error),
        observe_time=min((seen.observe_time for seen in observations if seen.observe_time), default=None),
        attempts=sum(observation.attempts for observation in observations),
        latency=max((observation.latency for observation in observations), default=timedelta()),
        missing=sorted(missing)[:MOST_MISSING] if state == SourceOutcome.STATE_PARTIAL else (),
        drift=islice(_drift(observations), MOST_DRIFT),
    )


def _place(observation: Observation) -> tuple[str, int]:
    return observation.source, observation.part


def _verdict(observations: Sequence[Observation], missing: _Reasons) -> tuple[SourceOutcome.State, Exception | None]:
    """The state, and the reason that explains it best."""
    errors = [observation.error for observation in observations if observation.error]
    if len(errors) == len(observations):
        other = [error for error in errors if not isinstance(error, UpstreamTimeoutError)]
        return (SourceOutcome.STATE_FAILED, other[0]) if other else (SourceOutcome.STATE_TIMED_OUT, errors[0])
    if errors:
        return SourceOutcome.STATE_PARTIAL, errors[0]
    if missing:
        return SourceOutcome.STATE_PARTIAL, missing[min(missing)]
    return SourceOutcome.STATE_ANSWERED, None


def _missing(observation: Observation) -> Iterator[tuple[str, SourceError]]:
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


def _status(ask: Ask, error: Exception | None) -> Status | None:
    return source_status(error, source=ask.source.id, kind=ask.source.kind) if error else None


def _drift(observations: Iterable[Observation]) -> Iterator[DriftWarning]:
    """Warnings, sorted by field."""
    drift = DriftLog()
    for observation in observations:
        drift.merge(observation.drift)
    for field, kind, count in drift:
        yield DriftWarning(field=field, kind=kind.value, count=count)
