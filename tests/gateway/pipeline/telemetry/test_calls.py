"""What is logged and counted of a call."""

from dataclasses import dataclass, field
from typing import Any

import structlog
from structlog.testing import LogCapture

from gateway.pipeline import Call, Telemetry
from gateway.pipeline.errors import InvalidRequestError, OverloadedError
from gateway.pipeline.shelf import ShelfLife
from tests.clock import VirtualClock
from tests.gateway.pipeline.telemetry.counted import a_call
from unified.analytics.v1.outcome_pb2 import PART_METRICS, PART_TIME_SERIES, SourceOutcome

KIND = {"method": "ListMetrics", "transport": "grpc"}
ANSWERED, FAILED = SourceOutcome.STATE_ANSWERED, SourceOutcome.STATE_FAILED


@dataclass(slots=True)
class Watched:
    """A telemetry, and what it says."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    capture: LogCapture = field(default_factory=LogCapture)
    telemetry: Telemetry = field(init=False)

    def __post_init__(self) -> None:
        log = structlog.wrap_logger(None, [self.capture], structlog.make_filtering_bound_logger(0))
        self.telemetry = Telemetry(log, self.clock)

    @property
    def line(self) -> dict[str, Any]:
        """The only one that was logged."""
        (entry,) = self.capture.entries
        return dict(entry)

    def number(self, name: str, **labels: str) -> float | None:
        """What Prometheus would read; None if there is no such series."""
        return self.telemetry.registry.get_sample_value(name, labels)

    async def after(self, seconds: float, *, waited: float = 0.0, **options: bool) -> Call:
        """A call that took so long, and waited so long of it for upstreams."""
        call = a_call(self.clock, **options)
        await self.clock.advance(seconds)
        call.waited = waited
        return call


async def test_the_line_of_a_call_has_its_fields_in_the_documented_order() -> None:
    watched = Watched()
    call = await watched.after(0.25, waited=0.2)
    call.outcomes = [SourceOutcome(source="crm", part=PART_METRICS, state=ANSWERED)]
    call.shelf = ShelfLife(observed=watched.clock.monotonic() - 61.9, fresh_until=9999, repeatable=True, kept=())

    watched.telemetry.ended(call, OverloadedError("full"))

    fields = {
        "method": "ListMetrics",
        "transport": "grpc",
        "code": "RESOURCE_EXHAUSTED",
        "reason": "OVERLOADED",
        "duration_ms": 250.0,
        "overhead_ms": 50.0,
        "age_s": 61,
        "outcomes": {"crm/metrics": "answered"},
        "request_id": "id-1",
    }
    assert list(fields.items()) == [item for item in watched.line.items() if item[0] in fields]


async def test_what_an_answer_does_not_have_is_not_in_its_line() -> None:
    watched = Watched()

    watched.telemetry.ended(await watched.after(0.1))

    assert not {"reason", "age_s"} & watched.line.keys()


async def test_the_time_that_a_call_did_not_wait_for_upstreams_is_its_overhead() -> None:
    watched = Watched()

    watched.telemetry.ended(await watched.after(0.302, waited=0.3))

    assert 1 == watched.number("analytics_gateway_call_overhead_seconds_bucket", le="0.003", **KIND)
    assert 0 == watched.number("analytics_gateway_call_overhead_seconds_bucket", le="0.0015", **KIND)


async def test_who_waited_longer_than_it_took_has_no_overhead() -> None:
    """Two looks at a clock lie between the two numbers."""
    watched = Watched()

    watched.telemetry.ended(await watched.after(0.3, waited=0.301))

    assert 0 == watched.line["overhead_ms"]
    assert 0 == watched.number("analytics_gateway_call_overhead_seconds_sum", **KIND)


async def test_a_stream_has_no_overhead_for_its_time_is_its_readers_too() -> None:
    watched = Watched()

    watched.telemetry.ended(await watched.after(60, streaming=True))

    assert 0 == watched.number("analytics_gateway_call_overhead_seconds_count", **KIND)
    assert "overhead_ms" not in watched.line
    assert 60000 == watched.line["duration_ms"]


async def test_answers_given_again_are_counted() -> None:
    watched = Watched()

    watched.telemetry.ended(await watched.after(0.001))
    assert 0 == watched.number("analytics_gateway_repeated_answers_total", **KIND)
    watched.telemetry.ended(await watched.after(0.001, repeated=True))
    assert 1 == watched.number("analytics_gateway_repeated_answers_total", **KIND)


async def test_calls_are_counted_by_what_they_came_to() -> None:
    watched = Watched()
    call = await watched.after(0.1)

    watched.telemetry.ended(call)
    watched.telemetry.ended(call)
    watched.telemetry.ended(call, InvalidRequestError())

    assert 2 == watched.number("analytics_gateway_calls_total", code="OK", **KIND)
    assert 1 == watched.number("analytics_gateway_calls_total", code="INVALID_ARGUMENT", **KIND)


async def test_outcomes_are_counted_for_each_call_also_when_calls_share_them() -> None:
    watched = Watched()
    outcomes = [
        SourceOutcome(source="crm", part=PART_METRICS, state=ANSWERED),
        SourceOutcome(source="ai", part=PART_METRICS, state=FAILED),
        SourceOutcome(source="ai", part=PART_TIME_SERIES, state=ANSWERED),
    ]
    for _ in range(2):
        call = await watched.after(0.1)
        call.outcomes = outcomes
        watched.telemetry.ended(call)

    def counted(source: str, part: str, state: str) -> float | None:
        labels = {"source": source, "part": part, "state": state}
        return watched.number("analytics_gateway_source_outcomes_total", **labels)

    assert (2, 2, 2) == (
        counted("crm", "metrics", "answered"),
        counted("ai", "metrics", "failed"),
        counted("ai", "time_series", "answered"),
    )
    assert counted("ai", "metrics", "answered") is None
    told = {"crm/metrics": "answered", "ai/metrics": "failed", "ai/time_series": "answered"}
    assert [told, told] == [entry["outcomes"] for entry in watched.capture.entries]


async def test_more_sets_of_outcomes_than_are_remembered_are_counted_as_well() -> None:
    watched = Watched()
    sources = [f"source{number}" for number in range(1100)]
    for source in [*sources, *sources]:
        call = a_call(watched.clock)
        call.outcomes = [SourceOutcome(source=source, part=PART_METRICS, state=ANSWERED)]
        watched.telemetry.ended(call)

    counted = watched.telemetry.registry.restricted_registry(["analytics_gateway_source_outcomes_total"])
    samples = [sample for family in counted.collect() for sample in family.samples]
    assert dict.fromkeys(sources, 2) == {sample.labels["source"]: sample.value for sample in samples}


async def test_a_call_is_in_flight_until_it_ends() -> None:
    watched = Watched()
    with watched.telemetry.in_flight(a_call()):
        assert 1 == watched.number("analytics_gateway_calls_in_flight", **KIND)

    assert 0 == watched.number("analytics_gateway_calls_in_flight", **KIND)
