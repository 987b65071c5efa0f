"""What the benchmarks of `ListMetrics` have in common: the question, and what a right answer is."""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from benchmarks.load import Target
from benchmarks.problems import BenchmarkError
from benchmarks.product import Fronts, Gateway
from benchmarks.stage import Rehearsal, Stage
from benchmarks.under_load import Audit, UnderLoad
from unified.analytics.v1 import analytics_service_pb2
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse
from unified.analytics.v1.outcome_pb2 import SourceOutcome

METHOD = f"/{analytics_service_pb2.DESCRIPTOR.services_by_name['AnalyticsService'].full_name}/ListMetrics"

_EVENTS = 20_000
"""In the simulated year. The answer has a row per event name, however many events there are."""
_DAYS = timedelta(days=30)
_OF_THE_CALL = {"latency", "observeTime"}
_VARYING = 200
"""Bytes by which answers differ at most: trailing zeros of times and durations are not written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a gateway says on both fronts."""

    grpc: bytes
    """The message."""
    rest: bytes
    """The body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Everything that there is to count, in the thirty days before the run's."""

    message: bytes
    """The request over gRPC."""
    path: str
    """The request over REST."""

    async def ask(self, gateway: Fronts) -> Answers:
        """Put it to both fronts."""
        return Answers(grpc=await gateway.over_grpc(METHOD, self.message), rest=await gateway.over_rest(self.path))

    def rehearsal(self) -> Rehearsal[Answers]:
        """Puts it to a gateway over the simulators."""
        return Rehearsal(name="list-metrics", events=_EVENTS, play=self.ask)


def question(today: datetime) -> Question:
    """The question on a day that began at this midnight in UTC."""
    start, end = today - _DAYS, today
    request = ListMetricsRequest(start_time=start, end_time=end)
    path = f"/v1/metrics?startTime={start:%Y-%m-%dT%H:%M:%SZ}&endTime={end:%Y-%m-%dT%H:%M:%SZ}"
    return Question(message=request.SerializeToString(), path=path)


def check(found: Answers, expected: Answers) -> None:
    """Compare two answers to the question, but for the moments of observation and what they took.

    Raises:
        BenchmarkError: they differ, or a source did not answer.
    """
    for outcome in ListMetricsResponse.FromString(found.grpc).outcomes:
        if outcome.state != SourceOutcome.STATE_ANSWERED:
            raise BenchmarkError(f"{outcome.source} did not answer: {outcome.status.message or outcome.state}")
    if settled_message(found.grpc) != settled_message(expected.grpc):
        raise BenchmarkError("the answer over gRPC is not the one of the rehearsal")
    if settled_json(json.loads(found.rest)) != settled_json(json.loads(expected.rest)):
        raise BenchmarkError("the answer over REST is not the one of the rehearsal")


def settled_message(answer: bytes) -> ListMetricsResponse:
    """The response without what two equal calls do not share."""
    response = ListMetricsResponse.FromString(answer)
    for metric in response.metrics:
        metric.ClearField("observe_time")
    for outcome in response.outcomes:
        outcome.ClearField("observe_time")
        outcome.ClearField("latency")
    return response


def settled_json(answer: Any) -> Any:  # noqa: ANN401 - JSON
    """The same of JSON."""
    match answer:
        case dict():
            return {name: settled_json(value) for name, value in answer.items() if name not in _OF_THE_CALL}
        case list():
            return [settled_json(value) for value in answer]
        case _:
            return answer


def about(length: int) -> range:
    """Lengths that answers to the question have where one has `length`."""
    return range(length - _VARYING, length + _VARYING + 1)


def audit(gateway: Fronts, transport: str, answer: bytes) -> Audit:
    """Checks that the gateway itself counts as many good answers as are asked of it, with every source in each."""
    sources = [outcome.source for outcome in ListMetricsResponse.FromString(answer).outcomes]
    return lambda calls: gateway.counting(
        {f"ListMetrics {transport} OK": calls, **{f"{source} metrics answered": calls for source in sources}}
    )


def over_rest(stage: Stage, gateway: Gateway, asked: Question, first: Answers) -> UnderLoad:
    """The gateway, asked over REST on as many connections as there are calls in flight."""
    return UnderLoad(
        name="gateway",
        target=Target(url=gateway.rest + asked.path, connections=stage.pace.in_flight, is_http1=True),
        process=gateway.process,
        stage=stage,
        body_bytes=about(len(first.rest)),
        audit=audit(gateway, "rest", first.grpc),
    )
