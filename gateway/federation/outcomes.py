"""What became of each source and part, in the contract's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby, islice
from typing import TYPE_CHECKING

from google.rpc.status_pb2 import Status

from adapters.drift import DriftLog
from adapters.errors import RefusedError, SourceError, UpstreamTimeoutError
from gateway.federation.asks import Ask
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

_Reasons = Mapping[str, SourceError]


def outcomes_of(observations: Iterable["Observation"]) -> tuple[SourceOutcome, ...]:
    """One outcome per source and part, sorted so."""
    ordered = sorted(observations, key=_place)
    return tuple(_outcome_of(list(group)) for _, group in groupby(ordered, key=_place))


def outcome_of(observations: Sequence["Observation"]) -> SourceOutcome:
    """The one outcome of all that a source was asked for one part; at least one observation.

    Where some questions failed and others did not, it is partial, and names what was asked in vain.
    """
    missing = {id_: why for observation in observations for id_, why in observation.lacks.items()}
    state, error = _verdict(observations, missing)
    ask = observations[0].ask
    outcome = SourceOutcome(
        source=ask.source.id,
        part=ask.part,
        state=state,
        status=_status(ask, error),
        attempts=sum(observation.attempts for observation in observations),
        missing=sorted(missing)[:MOST_MISSING] if state == SourceOutcome.STATE_PARTIAL else (),
        drift=_most_drift(observations),
    )
    _tell_times(outcome, observations)
    return outcome


def _outcome_of(observations: Sequence["Observation"]) -> SourceOutcome:
    """As `outcome_of`, made once for an observation that many calls share."""
    return observations[0].outcome if len(observations) == 1 else outcome_of(observations)


def _tell_times(outcome: SourceOutcome, observations: Sequence["Observation"]) -> None:
    """In whole numbers: to have protobuf convert a datetime and a timedelta takes longer than all the rest."""
    observed = min((seen.observe_time for seen in observations if seen.observe_time), default=None)
    if observed is not None:
        since = observed - _EPOCH
        outcome.observe_time.seconds = since.days * _DAY + since.seconds
        outcome.observe_time.nanos = since.microseconds * 1000
    latency = max(observation.latency for observation in observations)
    outcome.latency.seconds = latency.days * _DAY + latency.seconds
    outcome.latency.nanos = latency.microseconds * 1000


def drift_warnings(log: DriftLog) -> Iterator[DriftWarning]:
    """Warnings, sorted by field."""
    for field, kind, count in log:
        yield DriftWarning(field=field, kind=kind.value, count=count)


def _place(observation: "Observation") -> tuple[str, int]:
    return observation.source, observation.part


def _verdict(observations: Sequence["Observation"], missing: _Reasons) -> tuple[SourceOutcome.State, Exception | None]:
    """The state, and the reason that explains it best."""
    errors = [observation.error for observation in observations if observation.error]
    if len(errors) == len(observations):
        return min(((_failure(error), error) for error in errors), key=lambda failed: _GRAVITY.index(failed[0]))
    if errors:
        return SourceOutcome.STATE_PARTIAL, errors[0]
    stale = next((observation.stale for observation in observations if observation.stale), None)
    if stale is not None:
        return SourceOutcome.STATE_STALE, stale
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


def _status(ask: Ask, error: Exception | None) -> Status | None:
    return source_status(error, source=ask.source.id, kind=ask.source.kind) if error else None


def _most_drift(observations: Sequence["Observation"]) -> Iterable[DriftWarning]:
    """The warnings of all, as many as an outcome shows; most often there is none."""
    if not any(observation.drift for observation in observations):
        return ()
    return islice(drift_warnings(_drift(observations)), MOST_DRIFT)


def _drift(observations: Iterable["Observation"]) -> DriftLog:
    drift = DriftLog()
    for observation in observations:
        drift.merge(observation.drift)
    return drift
