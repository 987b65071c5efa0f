"""What is counted of every call, whichever transport it came by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from prometheus_client import CollectorRegistry

from gateway.pipeline.call import Call
from gateway.pipeline.telemetry.buckets import OVERHEAD_SECONDS
from gateway.pipeline.telemetry.numbers import Counters, Gauges, Histograms, Number, Spread
from unified.analytics.v1.outcome_pb2 import Part, SourceOutcome

_MOST_TALLIES = 1024
"""Sets of outcomes that are remembered. There are few while sources are well; an outage of many could make more."""


@dataclass(slots=True, kw_only=True)
class _Kind:
    """The series of the calls of one method and transport."""

    in_flight: Number
    overhead: Spread
    repeated: Number
    by_code: dict[str, Number] = field(default_factory=dict)


class CallMetrics:
    """Counts calls by method and transport."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Count in the registry."""
        labels = ("method", "transport")
        self._calls = Counters(
            "analytics_gateway_calls", "Calls that ended, by what they came to", (*labels, "code"), registry
        )
        self._in_flight = Gauges("analytics_gateway_calls_in_flight", "Calls that have not ended", labels, registry)
        self._repeated = Counters(
            "analytics_gateway_repeated_answers", "Calls that got an answer given before", labels, registry
        )
        self._overhead = Histograms(
            "analytics_gateway_call_overhead_seconds",
            "Of a call's time, what it did not wait for upstreams",
            labels,
            registry,
            bounds=OVERHEAD_SECONDS,
        )
        self._kinds: dict[tuple[str, str], _Kind] = {}
        self.outcomes = OutcomeMetrics(registry)

    def in_flight(self, call: Call) -> Number:
        """How many calls of its kind have not ended. As a context, it counts one more."""
        return self._kind(call).in_flight

    def ended(self, call: Call, code: str, overhead: float) -> None:
        """A call has ended with a code such as `OK`, of its time `overhead` seconds were the gateway's own."""
        kind = self._kinds.get((call.method, call.transport)) or self._kind(call)
        number = kind.by_code.get(code)
        if number is None:
            number = kind.by_code[code] = self._calls.of(call.method, call.transport, code)
        number.value += 1
        if not call.streaming:
            kind.overhead.observe(overhead)
        if call.repeated:
            kind.repeated.value += 1

    def _kind(self, call: Call) -> _Kind:
        key = (call.method, call.transport)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _Kind(
                in_flight=self._in_flight.of(*key),
                overhead=self._overhead.of(*key),
                repeated=self._repeated.of(*key),
            )
        return kind


class Tally(NamedTuple):
    """What a set of outcomes counts for, and how it is told."""

    numbers: tuple[Number, ...]
    told: Mapping[str, str]
    """The state of each `source/part`, in words; nobody changes it."""

    def add(self) -> None:
        """Count each of the outcomes once more."""
        for number in self.numbers:
            number.value += 1


class OutcomeMetrics:
    """Counts what sources came to, once per call and part."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Count in the registry."""
        self._outcomes = Counters(
            "analytics_gateway_source_outcomes",
            "What sources came to, once per call and part",
            ("source", "part", "state"),
            registry,
        )
        self._tallies: dict[tuple[tuple[str, int, int], ...], Tally] = {}

    def of(self, outcomes: Sequence[SourceOutcome]) -> Tally:
        """What they count for. Keep it where the same outcomes are counted often."""
        # Most calls come to the same as others before them: the words for it, and the series, are found at once.
        key = tuple([(outcome.source, outcome.part, outcome.state) for outcome in outcomes])
        return self._tallies.get(key) or self._new(key)

    def _new(self, key: tuple[tuple[str, int, int], ...]) -> Tally:
        if len(self._tallies) >= _MOST_TALLIES:
            self._tallies.clear()
        words = [(source, _part(part), _state(state)) for source, part, state in key]
        tally = Tally(
            numbers=tuple([self._outcomes.of(*each) for each in words]),
            told={f"{source}/{part}": state for source, part, state in words},
        )
        self._tallies[key] = tally
        return tally


def _part(part: int) -> str:
    return Part.Name(part).removeprefix("PART_").lower()


def _state(state: int) -> str:
    return SourceOutcome.State.Name(state).removeprefix("STATE_").lower()
