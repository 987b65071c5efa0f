"""What the benchmarks of `ListMetrics` have in common: the questions, and what a right answer is."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from benchmarks.problems import BenchmarkError
from benchmarks.product import Fronts
from benchmarks.recorder import Recorder
from benchmarks.under_load import Audit
from benchmarks.upstreams import asked
from unified.analytics.v1 import analytics_service_pb2
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse
from unified.analytics.v1.freshness_pb2 import FRESHNESS_FRESH, FRESHNESS_UNSPECIFIED
from unified.analytics.v1.outcome_pb2 import SourceOutcome

METHOD = f"/{analytics_service_pb2.DESCRIPTOR.services_by_name['AnalyticsService'].full_name}/ListMetrics"

EVENTS = 20_000
"""In the simulated year. The answer has a row per event name, however many events there are."""

_DAYS = 30
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
    """Something to ask of all sources."""

    message: bytes
    """The request over gRPC."""
    path: str
    """The request over REST."""

    async def ask(self, gateway: Fronts) -> Answers:
        """Put it to both fronts."""
        return Answers(grpc=await gateway.over_grpc(METHOD, self.message), rest=await gateway.over_rest(self.path))

    async def rehearse(self, gateway: Fronts, recorder: Recorder) -> Answers:
        """Put it to both fronts; what is exchanged for it is noted under its path."""
        with recorder.noting(self.path):
            rest = await gateway.over_rest(self.path)
        return Answers(grpc=await gateway.over_grpc(METHOD, self.message), rest=rest)


def question(end: datetime, days: int = _DAYS, sources: Sequence[str] = (), *, fresh: bool = False) -> Question:
    """What these sources, or all, count in so many days until a midnight in UTC. Fresh: it is asked anew each time."""
    start = end - timedelta(days=days)
    request = ListMetricsRequest(
        start_time=start,
        end_time=end,
        sources=sources,
        freshness=FRESHNESS_FRESH if fresh else FRESHNESS_UNSPECIFIED,
    )
    query = [("startTime", _text(start)), ("endTime", _text(end)), *(("sources", each) for each in sources)]
    if fresh:
        query.append(("freshness", "FRESHNESS_FRESH"))
    return Question(message=request.SerializeToString(), path=f"/v1/metrics?{urlencode(query, safe=':')}")


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
    check_json(found.rest, expected.rest)


def check_json(found: bytes, expected: bytes) -> None:
    """The same of two bodies alone.

    Raises:
        BenchmarkError: they differ.
    """
    if settled_json(json.loads(found)) != settled_json(json.loads(expected)):
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
    """The same of the body."""
    match answer:
        case dict():
            return {key: settled_json(value) for key, value in answer.items() if key not in _OF_THE_CALL}
        case list():
            return [settled_json(value) for value in answer]
        case _:
            return answer


def about(*lengths: int) -> range:
    """Lengths that answers have on average where those to the same questions have these."""
    mean = round(sum(lengths) / len(lengths))
    return range(mean - _VARYING, mean + _VARYING + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Auditor:
    """Checks that a gateway itself counts as many good answers as are asked of it, with every source in each."""

    gateway: Fronts
    origins: Mapping[str, str]
    """Of its upstreams, by source."""
    is_kept: bool
    """Whether answers are kept: upstreams are asked at most once for each source meanwhile, else for each call."""
    callers: int = 1
    """Who share the sources out among themselves, evenly."""

    def of(self, transport: str) -> Audit:
        """The check where the calls come in so."""

        @asynccontextmanager
        async def audit(calls: int) -> AsyncIterator[None]:
            before = await asked(self.origins)
            async with self.gateway.counting(
                {
                    f"ListMetrics {transport} OK": calls,
                    **{f"{source} metrics answered": calls // self.callers for source in self.origins},
                }
            ):
                yield
            self._check(calls, await asked(self.origins) - before)

        return audit

    def _check(self, calls: int, requests: int) -> None:
        most = len(self.origins) * (1 if self.is_kept else calls // self.callers)
        expected = range(0 if self.is_kept else most, most + 1)
        if requests not in expected:
            raise BenchmarkError(
                f"{calls} calls asked the upstreams {requests} times; "
                f"they should have asked {expected.start} to {expected.stop - 1} times"
            )


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
