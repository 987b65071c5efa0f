"""What operators learn of each call: one log line, and numbers for Prometheus."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from prometheus_client import CollectorRegistry
from structlog.typing import FilteringBoundLogger

from adapters.clock import Clock
from gateway.pipeline.call import Call
from gateway.pipeline.errors import CallError
from gateway.pipeline.telemetry.buckets import LAG_SECONDS
from gateway.pipeline.telemetry.calls import CallMetrics, Tally
from gateway.pipeline.telemetry.federation import FederationMetrics
from gateway.pipeline.telemetry.fronts import GrpcMetrics, HttpMetrics
from gateway.pipeline.telemetry.lag import LagWatch, Loop
from gateway.pipeline.telemetry.numbers import Histograms, Number
from gateway.pipeline.telemetry.process import describe_process
from gateway.pipeline.telemetry.sources import SourceMetrics
from unified.analytics.v1.outcome_pb2 import SourceOutcome


class Telemetry:
    """Logs and counts. No personal data and no secrets, and labels whose values are closed sets."""

    def __init__(self, log: FilteringBoundLogger, clock: Clock) -> None:
        """Log to `log`, and count in a registry of its own."""
        self.registry = CollectorRegistry()
        self.grpc = GrpcMetrics(self.registry)
        self.http = HttpMetrics(self.registry)
        self.federation = FederationMetrics(self.registry)
        self.sources = SourceMetrics(self.registry, self.federation.begin)
        self._calls = CallMetrics(self.registry)
        self._lag = Histograms(
            "analytics_gateway_event_loop_lag_seconds",
            "How late the event loop came to what was due",
            (),
            self.registry,
            bounds=LAG_SECONDS,
        ).of()
        self._log = log
        self._clock = clock
        describe_process(self.registry)

    @asynccontextmanager
    async def watching(self, loop: Loop | None = None) -> AsyncIterator[None]:
        """Look now and then how late the event loop is, while the block runs. By default the one that runs it."""
        watch = LagWatch(loop or asyncio.get_running_loop(), self._clock.monotonic, self._lag.observe)
        try:
            yield
        finally:
            watch.stop()

    def in_flight(self, call: Call) -> Number:
        """As a context, counts the call among those that have not ended."""
        return self._calls.in_flight(call)

    def tally(self, outcomes: Sequence[SourceOutcome]) -> Tally:
        """What the outcomes of a call count for."""
        return self._calls.outcomes.of(outcomes)

    def ended(self, call: Call, error: CallError | None = None, tally: Tally | None = None) -> None:
        """Log and count a call that has ended: well, or with `error`. `tally`: its outcomes', if it is known."""
        now = self._clock.monotonic()
        seconds = now - call.started
        overhead = call.overhead(now)
        code = "OK" if error is None else error.code.name
        self._calls.ended(call, code, overhead)
        tally = tally or self.tally(call.outcomes)
        tally.add()
        told: dict[str, object] = {"method": call.method, "transport": call.transport, "code": code}
        if error is not None:
            told["reason"] = error.reason
        # In hundredths of milliseconds; `round` takes thrice as long.
        told["duration_ms"] = int(seconds * 100_000 + 0.5) / 100
        if not call.streaming:
            told["overhead_ms"] = int(overhead * 100_000 + 0.5) / 100
        if call.shelf is not None:
            told["age_s"] = max(0, int(now - call.shelf.observed))
        told["outcomes"] = tally.told
        told["request_id"] = call.request_id
        self._log.info("call", **told)

    def fault(self, request_id: str, error: BaseException) -> None:
        """Log a fault of the gateway, with where it happened."""
        self._log.error("fault", request_id=request_id, exc_info=error)
