"""What came of the questions put to one source: kept in memory, bounded, and cheap to add to."""

import math
from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.drift import DriftLog
from adapters.errors import (
    BeyondHorizonError,
    CacheMissError,
    InvalidPositionError,
    QuestionNotSupportedError,
    RefusedError,
)
from gateway.federation.observation import Observation
from gateway.federation.outcomes import drift_warnings
from gateway.federation.walking import ReaderTooSlowError
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.source_pb2 import LatencySummary, SourceFailure, SourceHistory, StateCount

RECENT = 100
"""Answers whose latency is remembered."""

_FAULTS_OF_THE_CALLER = (
    BeyondHorizonError,
    QuestionNotSupportedError,
    CacheMissError,
    InvalidPositionError,
    ReaderTooSlowError,
)


@dataclass(slots=True, kw_only=True)
class History:
    """Of one source, since the gateway started."""

    start_time: datetime
    _last_success_time: datetime | None = None
    _last_failure: SourceFailure | None = None
    _counts: Counter[SourceOutcome.State] = field(default_factory=Counter)
    _latencies: deque[timedelta] = field(default_factory=lambda: deque(maxlen=RECENT))
    _drift: DriftLog = field(default_factory=DriftLog)

    def add(self, seen: Observation, now: datetime, *, timed: bool) -> None:
        """Note what came of a question that was put just now; `timed`: its latency is that of an answer.

        What lies with the caller, and an answer for which nobody was asked, tell nothing of the source.
        """
        if seen.drift:
            self._drift.merge(seen.drift)
        if seen.error is not None:
            if isinstance(seen.error, _FAULTS_OF_THE_CALLER):
                return
            self._failed(seen, seen.error, now)
        elif seen.observe_time is not None:
            self.heard(seen.observe_time)
            if timed:
                self._latencies.append(seen.latency)
        else:
            return
        self._counts[seen.outcome.state] += 1

    def _failed(self, seen: Observation, error: Exception, now: datetime) -> None:
        """Note a failure. It is none of the source that we did not let it be asked."""
        if not isinstance(error, RefusedError):
            # As it is told: the exception would keep alive whatever its traceback holds.
            self._last_failure = SourceFailure(time=now, status=seen.outcome.status)

    def heard(self, when: datetime) -> None:
        """Note that the upstream has answered, if only a part of a question."""
        self._last_success_time = max(when, self._last_success_time or when)

    def told(self) -> SourceHistory:
        """All of it, in the contract's words."""
        return SourceHistory(
            start_time=self.start_time,
            last_success_time=self._last_success_time,
            last_failure=self._last_failure,
            counts=[StateCount(state=state, count=count) for state, count in sorted(self._counts.items())],
            recent_latency=_summary(sorted(self._latencies)) if self._latencies else None,
            drift=drift_warnings(self._drift),
        )


def _summary(latencies: Sequence[timedelta]) -> LatencySummary:
    """Of sorted latencies, at least one."""
    return LatencySummary(
        count=len(latencies),
        median=_percentile(latencies, 50),
        p95=_percentile(latencies, 95),
    )


def _percentile(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """By the nearest rank: the smallest one that at least so many in a hundred do not exceed."""
    return ordered[math.ceil(len(ordered) * percent / 100) - 1]
