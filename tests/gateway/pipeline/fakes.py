"""A pipeline over services that do as a test says."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import structlog
from structlog.testing import LogCapture

from adapters.clock import Clock
from gateway.contract import Contract, Method, load_contract
from gateway.pipeline import Call, DeadlinePolicy, Pipeline, Telemetry
from gateway.pipeline.shelf import ShelfLife
from tests.clock import VirtualClock
from unified.analytics.v1.analytics_service_pb2 import (
    EventBatch,
    ListMetricsRequest,
    ListMetricsResponse,
    StreamEnd,
    StreamEventsRequest,
    StreamEventsResponse,
)
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import PART_METRICS, SourceOutcome

CONTRACT: Contract = load_contract()
METHODS = {method.name: method for method in CONTRACT.methods}
LIST_METRICS: Method = METHODS["ListMetrics"]
STREAM_EVENTS: Method = METHODS["StreamEvents"]

ANSWER = ListMetricsResponse(metrics=[Metric(metric="zylon.projects", source="ai", value=12)])


async def answer(_request: ListMetricsRequest, _call: Call) -> ListMetricsResponse:
    """The answer of who has nothing else to do."""
    return ANSWER


async def two_batches(_request: StreamEventsRequest, _call: Call) -> AsyncGenerator[StreamEventsResponse]:
    """A short stream that ends well."""
    for token in ("one", "two"):
        yield StreamEventsResponse(batch=EventBatch(resume_token=token))
    yield StreamEventsResponse(end=StreamEnd(event_count=0))


@dataclass(slots=True)
class Observed:
    """Stands for an observation that is kept, until a newer one takes its place."""

    is_kept: bool = True
    is_used: bool = False


@dataclass(slots=True)
class Keeping:
    """A service whose answers keep for so many seconds. Each says how many were made before it."""

    clock: Clock
    seconds: float = 60
    repeatable: bool = True
    observed: Observed = field(default_factory=Observed)
    asked: int = 0

    async def __call__(self, _request: object, call: Call) -> ListMetricsResponse:
        """Answer from an observation that is made now."""
        now = self.clock.monotonic()
        call.outcomes = [SourceOutcome(source="ai", part=PART_METRICS, state=SourceOutcome.STATE_ANSWERED)]
        call.shelf = ShelfLife(
            observed=now, fresh_until=now + self.seconds, repeatable=self.repeatable, kept=[self.observed]
        )
        self.asked += 1
        return ListMetricsResponse(metrics=[Metric(metric="zylon.projects", source="ai", value=self.asked)])


@dataclass(slots=True, kw_only=True)
class Fixture:
    """A pipeline, and what it logged."""

    pipeline: Pipeline
    telemetry: Telemetry
    capture: LogCapture = field(default_factory=LogCapture)

    def logged(self, event: str) -> list[dict[str, Any]]:
        """The lines of one event, oldest first."""
        return [dict(entry) for entry in self.capture.entries if entry["event"] == event]

    def number(self, name: str, **labels: str) -> float:
        """What Prometheus would read; 0 if it was never counted."""
        return self.telemetry.registry.get_sample_value(name, labels) or 0


def fixture(
    clock: Clock | None = None, deadlines: DeadlinePolicy | None = None, **methods: Callable[..., object]
) -> Fixture:
    """A pipeline whose services have the given methods; `list_metrics` and `stream_events` have a simple one anyway."""
    return _fixture(clock, deadlines, 1000, methods)


def small_fixture(max_calls: int, clock: Clock | None = None, /, **methods: Callable[..., object]) -> Fixture:
    """The same, for so many calls at once."""
    return _fixture(clock, None, max_calls, methods)


def _fixture(
    clock: Clock | None, deadlines: DeadlinePolicy | None, max_calls: int, methods: Mapping[str, Callable[..., object]]
) -> Fixture:
    clock = clock or VirtualClock()
    capture = LogCapture()
    log = structlog.wrap_logger(None, processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(0))
    telemetry = Telemetry(log, clock)
    attributes: dict[str, object] = {method.attribute: _unexpected for method in CONTRACT.methods}
    service = SimpleNamespace(**{**attributes, "list_metrics": answer, "stream_events": two_batches, **methods})
    pipeline = Pipeline(
        CONTRACT,
        dict.fromkeys(CONTRACT.services, service),
        clock=clock,
        deadlines=deadlines or DeadlinePolicy(),
        telemetry=telemetry,
        max_calls=max_calls,
    )
    return Fixture(pipeline=pipeline, telemetry=telemetry, capture=capture)


async def _unexpected(_request: object, call: Call) -> object:
    raise AssertionError(f"nobody expected {call.method}")
