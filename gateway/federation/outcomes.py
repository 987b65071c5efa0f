"""What became of each source and part, in the contract's words."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import groupby, islice

from google.rpc.status_pb2 import Status

from adapters.drift import DriftLog
from adapters.errors import SourceError, UpstreamTimeoutError
from gateway.federation.asks import Ask
from gateway.federation.observation import Observation
from gateway.pipeline.errors import source_status
from unified.analytics.v1.outcome_pb2 import DriftWarning, SourceOutcome

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
    missing = {id_: why for observation in observations for id_, why in observation.lacks.items()}
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
        drift=islice(drift_warnings(_drift(observations)), MOST_DRIFT),
    )


def state_of(observation: Observation) -> SourceOutcome.State:
    """What one question came to, on its own."""
    return _verdict([observation], observation.lacks)[0]


def drift_warnings(log: DriftLog) -> Iterator[DriftWarning]:
    """Warnings, sorted by field."""
    for field, kind, count in log:
        yield DriftWarning(field=field, kind=kind.value, count=count)


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


def _status(ask: Ask, error: Exception | None) -> Status | None:
    return source_status(error, source=ask.source.id, kind=ask.source.kind) if error else None


def _drift(observations: Iterable[Observation]) -> DriftLog:
    drift = DriftLog()
    for observation in observations:
        drift.merge(observation.drift)
    return drift
