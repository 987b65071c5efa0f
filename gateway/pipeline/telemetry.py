"""What operators learn of each call: one log line, and numbers for Prometheus. No personal data, no secrets."""

from collections.abc import Iterator
from contextlib import contextmanager

import grpc
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from structlog.typing import FilteringBoundLogger

from adapters.clock import Clock
from gateway.pipeline.call import Call
from gateway.pipeline.errors import CallError
from unified.analytics.v1.outcome_pb2 import Part, SourceOutcome

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
"""Seconds: from an answer without an upstream to the longest deadline of a single answer."""


class Telemetry:
    """Logs and counts calls. The labels are method, transport, code, source, part and state: all closed sets."""

    def __init__(self, log: FilteringBoundLogger, clock: Clock) -> None:
        """Log to `log`, and count in a registry of its own."""
        self.registry = CollectorRegistry()
        self._log = log
        self._clock = clock
        self._calls = Counter(
            "analytics_gateway_calls",
            "Calls that ended, by what they came to",
            ("method", "transport", "code"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "analytics_gateway_call_duration_seconds",
            "From a call's arrival to its end; of a stream, to its last item",
            ("method", "transport"),
            buckets=_BUCKETS,
            registry=self.registry,
        )
        self._in_flight = Gauge(
            "analytics_gateway_calls_in_flight",
            "Calls that have not ended",
            ("method", "transport"),
            registry=self.registry,
        )
        self._outcomes = Counter(
            "analytics_gateway_source_outcomes",
            "What sources came to, once per call and part",
            ("source", "part", "state"),
            registry=self.registry,
        )

    @contextmanager
    def in_flight(self, call: Call) -> Iterator[None]:
        """Count the call among those that have not ended."""
        with self._in_flight.labels(call.method, call.transport).track_inprogress():
            yield

    def ended(self, call: Call, error: CallError | None = None) -> None:
        """Log and count a call that has ended: well, or with `error`."""
        code = grpc.StatusCode.OK if error is None else error.code
        seconds = self._clock.monotonic() - call.started
        self._calls.labels(call.method, call.transport, code.name).inc()
        self._seconds.labels(call.method, call.transport).observe(seconds)
        for outcome in call.outcomes:
            self._outcomes.labels(outcome.source, _part(outcome), _state(outcome)).inc()
        self._log.info(
            "call",
            method=call.method,
            transport=call.transport,
            code=code.name,
            **({} if error is None else {"reason": error.reason}),
            duration_ms=round(seconds * 1000, 1),
            outcomes={f"{outcome.source}/{_part(outcome)}": _state(outcome) for outcome in call.outcomes},
            request_id=call.request_id,
        )

    def fault(self, request_id: str, error: BaseException) -> None:
        """Log a fault of the gateway, with where it happened."""
        self._log.error("fault", request_id=request_id, exc_info=error)


def _part(outcome: SourceOutcome) -> str:
    return Part.Name(outcome.part).removeprefix("PART_").lower()


def _state(outcome: SourceOutcome) -> str:
    return SourceOutcome.State.Name(outcome.state).removeprefix("STATE_").lower()
