"""Observations as bytes, for replicas to share. They read what this version has written, and nothing else."""

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Annotated

import msgspec
from google.protobuf.message import DecodeError

from adapters import errors
from adapters.drift import DriftKind, DriftLog
from adapters.errors import SourceError
from adapters.query import AccountQuestion, CountQuestion, MetricsQuestion, RankingQuestion, SeriesQuestion
from gateway.federation.asks import Ask, Question
from gateway.federation.observation import Observation
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries

_VERSION = 1
"""Another one for each change of what is written, and of what a field of it means. Replicas of different versions then
share nothing for as long as an upgrade takes.
"""

_Shared = Metric | TimeSeries | Ranking | Account | EventCount

# Not here are pages of events: what comes behind one is found by a function, which nobody can send.
_ANSWERS: dict[type[Question], type[_Shared]] = {
    MetricsQuestion: Metric,
    SeriesQuestion: TimeSeries,
    RankingQuestion: Ranking,
    AccountQuestion: Account,
    CountQuestion: EventCount,
}

_CHECKSUM_SIZE = 4
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_Count = Annotated[int, msgspec.Meta(ge=0)]


class _Missing(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    id: str
    reason: str
    text: str
    retry_after: int | None
    """Microseconds."""


class _Drift(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    field: str
    kind: int
    count: _Count


class _Written(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    version: int
    source: str
    items: tuple[bytes, ...]
    observed: int
    """Microseconds since 1970."""
    attempts: _Count
    latency: _Count
    """Microseconds."""
    drift: tuple[_Drift, ...]
    missing: tuple[_Missing, ...]


_DECODER = msgspec.msgpack.Decoder(_Written)


def dump(observation: Observation) -> bytes | None:
    """An observation for `load`; None for one that is not to be shared.

    That is one that failed, that stands in for a newer one, of which nobody knows the age, or of a page of events.
    """
    kind = _ANSWERS.get(type(observation.ask.question))
    when = observation.observe_time
    if kind is None or when is None or observation.error is not None or observation.stale is not None:
        return None
    items = [item.SerializeToString() for item in observation.items if isinstance(item, kind)]
    if len(items) < len(observation.items) or any(each.reason not in _REASONS for each in observation.missing.values()):
        return None
    written = _Written(
        version=_VERSION,
        source=observation.source,
        items=tuple(items),
        observed=(when - _EPOCH) // _MICROSECOND,
        attempts=observation.attempts,
        latency=observation.latency // _MICROSECOND,
        drift=tuple(_Drift(field, each.value, count) for field, each, count in observation.drift),
        missing=tuple(_Missing(id_, error.reason, str(error), _wait(error)) for id_, error in _sorted(observation)),
    )
    body = msgspec.msgpack.encode(written)
    return _checksum(body) + body


def load(ask: Ask, data: bytes) -> Observation | None:
    """What `dump` has written of an answer to this question; None for anything else. Never raises."""
    kind = _ANSWERS.get(type(ask.question))
    checksum, body = data[:_CHECKSUM_SIZE], data[_CHECKSUM_SIZE:]
    if kind is None or checksum != _checksum(body):
        return None
    try:
        written = _DECODER.decode(body)
        if written.version != _VERSION or written.source != ask.source.id:
            return None
        return _observation(ask, kind, written)
    except (msgspec.MsgspecError, DecodeError, KeyError, ValueError, OverflowError, RecursionError):
        return None


def _observation(ask: Ask, kind: type[_Shared], written: _Written) -> Observation:
    drift = DriftLog()
    for each in written.drift:
        drift.note(each.field, DriftKind(each.kind), each.count)
    return Observation(
        ask=ask,
        items=[kind.FromString(item) for item in written.items],
        observe_time=_EPOCH + written.observed * _MICROSECOND,
        attempts=written.attempts,
        latency=written.latency * _MICROSECOND,
        drift=drift,
        missing={each.id: _error(each) for each in written.missing},
    )


def _sorted(observation: Observation) -> list[tuple[str, SourceError]]:
    return sorted(observation.missing.items(), key=lambda each: each[0])


def _wait(error: SourceError) -> int | None:
    return None if error.retry_after is None else error.retry_after // _MICROSECOND


def _error(written: _Missing) -> SourceError:
    wait = None if written.retry_after is None else written.retry_after * _MICROSECOND
    return _REASONS[written.reason](written.text, retry_after=wait)


def _checksum(body: bytes) -> bytes:
    """Against bytes that were damaged on their way, not against somebody who means to."""
    return zlib.crc32(body).to_bytes(_CHECKSUM_SIZE, "big")


def _by_reason() -> Iterator[tuple[str, type[SourceError]]]:
    """The errors of this code's own tree. Those that an adapter derives from them differ in how they came about."""
    for found in vars(errors).values():
        if isinstance(found, type) and issubclass(found, SourceError) and "reason" in vars(found):
            yield found.reason, found


_REASONS = dict(_by_reason())
