"""What a call that fails looks like over HTTP."""

import asyncio

import grpc
import pytest
from google.rpc.error_details_pb2 import RetryInfo

from gateway.pipeline import Call
from gateway.pipeline.errors import (
    CallError,
    FieldViolation,
    InvalidTokenError,
    NoSourceCanAnswerError,
    QuestionOutOfRangeError,
    RankingNotFoundError,
    SourcesFailedError,
    SourcesTimedOutError,
)
from gateway.rest import errors
from gateway.rest.problems import HTTP_STATUSES
from tests.clock import VirtualClock
from tests.gateway.rest.serving import serving
from unified.analytics.v1.analytics_service_pb2 import (
    ListEventsRequest,
    ListEventsResponse,
    ListMetricsRequest,
    ListMetricsResponse,
)
from unified.analytics.v1.error_reason_pb2 import ErrorReason
from unified.analytics.v1.event_pb2 import Event
from unified.analytics.v1.outcome_pb2 import SourceOutcome


def failing(error: Exception):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a method of a service
    async def method(_request: object, _call: Call) -> ListMetricsResponse:
        raise error

    return method


async def test_a_problem_holds_the_status_of_the_call() -> None:
    async with serving() as front:
        answer = await front.get("/v1/metrics?metirc=a&sources=CRM", X_Request_Id="abc 1")

    assert 400 == answer.status
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert "no-store" == answer.headers["Cache-Control"]
    problem = answer.json
    assert "tag:analytics-gateway,2026:reason:REQUEST_INVALID" == problem["type"]
    assert "Request invalid" == problem["title"]
    assert 400 == problem["status"]
    assert 'metirc: is not known; did you mean "metrics"?' == problem["detail"] == problem["error"]["message"]
    assert "tag:analytics-gateway,2026:request:abc%201" == problem["instance"]
    assert grpc.StatusCode.INVALID_ARGUMENT.value[0] == problem["error"]["code"]
    assert ["google.rpc.ErrorInfo", "google.rpc.BadRequest"] == [
        detail["@type"].rpartition("/")[2] for detail in problem["error"]["details"]
    ]


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (InvalidTokenError(FieldViolation(field="page_token", description="is damaged")), 400, "TOKEN_INVALID"),
        (RankingNotFoundError("no such ranking"), 404, "RANKING_UNKNOWN"),
        (NoSourceCanAnswerError("nobody can"), 400, "NO_SOURCE_CAN_ANSWER"),
        (SourcesFailedError("all failed", []), 503, "ALL_SOURCES_FAILED"),
        (QuestionOutOfRangeError("too early", []), 400, "QUESTION_OUT_OF_RANGE"),
        (SourcesTimedOutError("all late", []), 504, "DEADLINE_EXCEEDED"),
        (RuntimeError("secret"), 500, "INTERNAL"),
    ],
)
async def test_each_failure_has_its_status(error: Exception, status: int, reason: str) -> None:
    async with serving(list_metrics=failing(error)) as front:
        answer = await front.get("/v1/metrics")

    assert status == answer.status == answer.json["status"]
    assert reason == answer.reason
    assert b"secret" not in answer.body


def test_every_code_has_a_status() -> None:
    assert set(grpc.StatusCode) - {grpc.StatusCode.OK} == set(HTTP_STATUSES)


@pytest.mark.parametrize(("seconds", "told"), [(None, "5"), (0.2, "1"), (12.1, "13")])
async def test_who_should_come_back_is_told_when(seconds: float | None, told: str) -> None:
    outcome = SourceOutcome(source="ai", state=SourceOutcome.STATE_FAILED)
    if seconds is not None:
        retry = RetryInfo()
        retry.retry_delay.FromMilliseconds(int(seconds * 1000))
        outcome.status.details.add().Pack(retry)
    async with serving(list_metrics=failing(SourcesFailedError("all failed", [outcome]))) as front:
        answer = await front.get("/v1/metrics")

    assert told == answer.headers["Retry-After"]


async def test_a_call_that_outlives_its_deadline_is_504() -> None:
    clock = VirtualClock()

    async def list_metrics(_request: ListMetricsRequest, call: Call) -> ListMetricsResponse:
        await clock.advance(call.deadline - clock.monotonic() + 1)
        await asyncio.Event().wait()
        raise AssertionError

    async with serving(clock=clock, list_metrics=list_metrics) as front:
        answer = await front.get("/v1/metrics", Request_Timeout="2")

    assert 504 == answer.status
    assert "DEADLINE_EXCEEDED" == answer.reason


async def test_an_answer_that_cannot_be_written_is_a_fault_and_no_broken_body() -> None:
    async def list_events(_request: ListEventsRequest, _call: Call) -> ListEventsResponse:
        answer = ListEventsResponse(events=[Event()])
        answer.events[0].event_time.seconds = 2**60
        return answer

    async with serving(list_events=list_events) as front:
        answer = await front.get("/v1/events")

    assert 500 == answer.status
    assert "INTERNAL" == answer.reason


def test_the_errors_of_http_have_reasons_of_the_contract() -> None:
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.HttpError)]
    reasons = {kind.reason for kind in kinds if kind is not errors.HttpError}
    assert reasons <= {name.removeprefix("ERROR_REASON_") for name in ErrorReason.DESCRIPTOR.values_by_name}
    assert 9 == len(reasons)
    assert all(issubclass(kind, CallError) for kind in kinds)
