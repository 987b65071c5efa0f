"""What became of each source and part, in the contract's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice
from operator import attrgetter
from typing import TYPE_CHECKING

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

from adapters.drift import DriftLog
from adapters.errors import RefusedError, SourceError, UpstreamTimeoutError
from gateway.pipeline.errors import source_status
from unified.analytics.v1.outcome_pb2 import DriftWarning, SourceOutcome

if TYPE_CHECKING:
    # Each observation keeps its own outcome, so that is the module which imports this one.
    from gateway.federation.observation import Observation

MOST_MISSING = 100
"""Ids of what is missing that one outcome names."""

MOST_DRIFT = 20
"""Drift warnings that one outcome shows, as the contract promises."""

_GRAVITY = (SourceOutcome.STATE_FAILED, SourceOutcome.STATE_TIMED_OUT, SourceOutcome.STATE_REFUSED)
"""Of several failures of one part, the first of these explains it: what the upstream did says more than what we did."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = 86_400

_PLACE = attrgetter("ask.place")

_Reasons = Mapping[str, SourceError]


def outcomes_of(observations: Iterable["Observation"]) -> tuple[SourceOutcome, ...]:
    """One outcome per source and part, sorted so."""
    ordered = sorted(observations, key=_PLACE)
    return tuple([_outcome_of(list(group)) for _, group in groupby(ordered, key=_PLACE)])


def outcome_of(observations: Sequence["Observation"]) -> SourceOutcome:
    """The one outcome of all that a source was asked for one part; at least one observation.

    Where some questions failed and others did not, it is partial, and names what was asked in vain.
    """
    if len(observations) == 1:
        missing = observations[0].lacks  # nearly always, and of thousands of rows
    else:
        missing = {id_: why for observation in observations for id_, why in observation.lacks.items()}
    state, error = _verdict(observations, missing)
    ask = observations[0].ask
    attempts = sum([observation.attempts for observation in observations])
    outcome = SourceOutcome(source=ask.source.id, part=ask.part, state=state, attempts=attempts)
    # Only what there is: most often none of these, and to set a field to nothing takes as long as to set it.
    if error is not None:
        outcome.status.CopyFrom(source_status(error, source=ask.source.id, kind=ask.source.kind))
    if state == SourceOutcome.STATE_PARTIAL:
        outcome.missing.extend(sorted(missing)[:MOST_MISSING])
    drifted = [observation.drift for observation in observations if observation.drift]
    if drifted:
        outcome.drift.extend(islice(drift_warnings(_merged(drifted)), MOST_DRIFT))
    _tell_times(outcome, observations)
    return outcome


def _outcome_of(observations: Sequence["Observation"]) -> SourceOutcome:
    """As `outcome_of`, made once for an observation that many calls share."""
    return observations[0].outcome if len(observations) == 1 else outcome_of(observations)


def _tell_times(outcome: SourceOutcome, observations: Sequence["Observation"]) -> None:
    """In whole numbers: to have protobuf convert a datetime and a timedelta takes longer than all the rest."""
    observed = min([seen.observe_time for seen in observations if seen.observe_time], default=None)
    if observed is not None:
        _tell(observed - _EPOCH, outcome.observe_time)
    _tell(max([observation.latency for observation in observations]), outcome.latency)


def _tell(span: timedelta, field: Timestamp | Duration) -> None:
    field.seconds = span.days * _DAY + span.seconds
    field.nanos = span.microseconds * 1000


def drift_warnings(log: DriftLog) -> Iterator[DriftWarning]:
    """Warnings, sorted by field."""
    for field, kind, count in log:
        yield DriftWarning(field=field, kind=kind.value, count=count)


def _verdict(observations: Sequence["Observation"], missing: _Reasons) -> tuple[SourceOutcome.State, Exception | None]:
    """The state, and the reason that explains it best."""
    errors = [observation.error for observation in observations if observation.error]
    if len(errors) == len(observations):
        return min(((_failure(error), error) for error in errors), key=lambda failed: _GRAVITY.index(failed[0]))
    if errors:
        return SourceOutcome.STATE_PARTIAL, errors[0]
    stale = [observation.stale for observation in observations if observation.stale]
    if stale:
        return SourceOutcome.STATE_STALE, stale[0]
    if missing:
        return SourceOutcome.STATE_PARTIAL, missing[min(missing)]
    return SourceOutcome.STATE_ANSWERED, None


def _failure(error: Exception) -> SourceOutcome.State:
    match error:
        case UpstreamTimeoutError():
            return SourceOutcome.STATE_TIMED_OUT
        case RefusedError():
            return SourceOutcome.STATE_REFUSED
        case _:
            return SourceOutcome.STATE_FAILED


def _merged(logs: Iterable[DriftLog]) -> DriftLog:
    drift = DriftLog()
    for log in logs:
        drift.merge(log)
    return drift
