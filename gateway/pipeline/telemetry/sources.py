"""What is counted of asking the upstreams, source by source."""

from collections.abc import Callable
from typing import Literal, get_args

from prometheus_client import CollectorRegistry

from adapters.meter import Circuit, Protector
from gateway.pipeline.telemetry.buckets import WAIT_SECONDS
from gateway.pipeline.telemetry.numbers import Counters, Gauges, Histograms

Limit = Literal["bulkhead", "rate_limit"]
"""What a question may have to wait for."""


class SourceMetrics:
    """An `adapters.meter.Meter`."""

    def __init__(self, registry: CollectorRegistry, begin: Callable[[str], None]) -> None:
        """Count in the registry; `begin` is told of each source, by its id, before anything is counted of it."""

        def counter(name: str, meaning: str, *labels: str) -> Counters:
            return Counters(f"analytics_gateway_source_{name}", meaning, ("source", *labels), registry)

        self.attempts = counter("attempts", "Requests sent, by what they came to", "result")
        self.retries = counter("retries", "Requests worth repeating, by the budget's verdict", "verdict")
        self.refusals = counter("refusals", "Questions refused by a protection of ours", "protection")
        self.circuit = Gauges(
            "analytics_gateway_source_circuit",
            "Circuit breaker: 1 for the state that it is in",
            ("source", "state"),
            registry,
        )
        self.rate = Gauges(
            "analytics_gateway_source_permitted_rate", "Requests per second permitted now", ("source",), registry
        )
        self.waits = Histograms(
            "analytics_gateway_source_wait_seconds",
            "How long a question waited for its turn",
            ("source", "limit"),
            registry,
            bounds=WAIT_SECONDS,
        )
        self._begin = begin
        self._meters: dict[str, MeterOfSource] = {}

    def of(self, source: str) -> "MeterOfSource":
        """The one for the source of this id. All its series are there from now on, at 0."""
        meter = self._meters.get(source)
        if meter is None:
            self._begin(source)
            meter = self._meters[source] = MeterOfSource(source, self)
        return meter


class MeterOfSource:
    """An `adapters.meter.SourceMeter`."""

    def __init__(self, source: str, metrics: SourceMetrics) -> None:
        """Begin with a closed circuit, and nothing counted."""
        self._source = source
        self._metrics = metrics
        self._waits = {limit: metrics.waits.of(source, limit) for limit in get_args(Limit)}
        self._refusals = {protection: metrics.refusals.of(source, protection) for protection in get_args(Protector)}
        self._retries = {True: metrics.retries.of(source, "allowed"), False: metrics.retries.of(source, "refused")}
        self._circuit = {state: metrics.circuit.of(source, state) for state in get_args(Circuit)}
        self.circuit("closed")
        metrics.attempts.of(source, "ok")

    def attempted(self, result: str) -> None:
        """A request was sent. `result`: `ok`, or the reason of its error in lower case."""
        self._metrics.attempts.of(self._source, result).value += 1

    def retried(self, *, allowed: bool) -> None:
        """A request was worth repeating, and the retry budget allowed it or not."""
        self._retries[allowed].value += 1

    def waited(self, limit: Limit, seconds: float) -> None:
        """A question has waited so long for its turn."""
        self._waits[limit].observe(seconds)

    def refused(self, by: Protector) -> None:
        """A question was refused by a protection of ours: nothing was sent."""
        self._refusals[by].value += 1

    def circuit(self, state: Circuit) -> None:
        """The circuit breaker has changed its state."""
        for each, number in self._circuit.items():
            number.value = float(each == state)

    def lowered(self, rate: float) -> None:
        """The permitted rate, in requests per second, has changed."""
        self._metrics.rate.of(self._source).value = rate
