"""What is counted of keeping answers, and of sharing them."""

from itertools import product

from prometheus_client import CollectorRegistry

from gateway.pipeline.telemetry.numbers import Counters, Gauges

_LEVELS = ("memory", "shared")
_FOUND = ("fresh", "stale", "miss")
_REVALIDATED = ("answered", "failed", "left_to_another")
_DRIFTED = ("unknown", "missing", "mistyped")
_EVICTED = ("size", "gone")
_SHARED = ("get", "put", "lease", "limit")


class FederationMetrics:
    """The federation's `FederationMeter`; which, being above the pipeline, is not imported here."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Count in the registry."""

        def counter(name: str, meaning: str, *labels: str) -> Counters:
            return Counters(f"analytics_gateway_{name}", meaning, labels, registry)

        def gauge(name: str, meaning: str) -> Gauges:
            return Gauges(f"analytics_gateway_{name}", meaning, (), registry)

        self._lookups = counter("cache_lookups", "Looks for an observation", "source", "level", "found")
        self._coalesced = counter("coalesced_questions", "Questions that shared a request", "source")
        self._revalidations = counter("revalidations", "Stale observations to replace", "source", "result")
        self._drift = counter("source_drift", "Departures from an upstream's documentation", "source", "kind")
        self._evictions = counter("cache_evictions", "Observations dropped from memory", "why")
        self._failures = counter("sharing_failures", "Failures to ask what the replicas share", "operation")
        self._entries = gauge("cache_entries", "Observations in memory").of()
        self._size = gauge("cache_size_bytes", "Bytes of the observations in memory").of()
        for why in _EVICTED:
            self._evictions.of(why)
        for operation in _SHARED:
            self._failures.of(operation)

    def begin(self, source: str) -> None:
        """Show all series of a source, at 0 until something is counted: a rate needs to know where it began."""
        for level, found in product(_LEVELS, _FOUND):
            self._lookups.of(source, level, found)
        for result in _REVALIDATED:
            self._revalidations.of(source, result)
        for kind in _DRIFTED:
            self._drift.of(source, kind)
        self._coalesced.of(source)

    def looked_up(self, source: str, level: str, found: str) -> None:
        """An observation was looked for."""
        self._lookups.of(source, level, found).value += 1

    def coalesced(self, source: str) -> None:
        """A question shares a request that was under way already."""
        self._coalesced.of(source).value += 1

    def revalidated(self, source: str, result: str) -> None:
        """A stale observation was to be replaced in the background."""
        self._revalidations.of(source, result).value += 1

    def drifted(self, source: str, kind: str, count: int) -> None:
        """An answer departed so often from its documentation."""
        self._drift.of(source, kind).value += count

    def held(self, *, entries: int, size: int) -> None:
        """So many observations of so many bytes in all are kept in memory now."""
        self._entries.value = entries
        self._size.value = size

    def evicted(self, why: str) -> None:
        """An observation was dropped from memory."""
        self._evictions.of(why).value += 1

    def sharing_failed(self, operation: str) -> None:
        """What the replicas share could not be asked in time."""
        self._failures.of(operation).value += 1
