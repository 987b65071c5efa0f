"""Questions that no waiting makes answerable: the call fails, but not as an outage, and nobody is told to come back."""

from contextlib import aclosing
from datetime import timedelta

import grpc
import pytest

from adapters.errors import (
    BeyondHorizonError,
    QuestionNotSupportedError,
    RateLimitedError,
    SourceError,
    UnreachableError,
    UpstreamTimeoutError,
)
from gateway.pipeline.errors import QuestionOutOfRangeError, RequiredSourceFailedError, SourcesFailedError
from gateway.services import AnalyticsService
from tests.fakes import DeadEvents, DeadSource, FakeEvents, FakeSource, a_call, federation, states
from unified.analytics.v1.analytics_service_pb2 import ListEventsRequest, ListMetricsRequest, StreamEventsRequest

TOO_EARLY = BeyondHorizonError("The window must start later.")
ODD = QuestionNotSupportedError("Let the window begin at midnight.")


async def failure_of(*sources: FakeSource, required: tuple[str, ...] = ()) -> SourcesFailedError:
    service = AnalyticsService(federation(*sources))
    with pytest.raises(SourcesFailedError) as failed:
        await service.list_metrics(ListMetricsRequest(required_sources=required), a_call())
    return failed.value


async def test_where_the_question_is_at_fault_at_every_source_the_call_is_out_of_range() -> None:
    failure = await failure_of(DeadSource("ai", TOO_EARLY), DeadSource("docs", ODD))

    assert isinstance(failure, QuestionOutOfRangeError)
    assert failure.code == grpc.StatusCode.OUT_OF_RANGE
    assert (
        "this question cannot be answered; ai: The window must start later. docs: Let the window begin at midnight."
        == str(failure)
    )
    assert states(failure.outcomes) == {"ai": "FAILED", "docs": "FAILED"}


@pytest.mark.parametrize("curable", [UnreachableError("No."), UpstreamTimeoutError("Late.")], ids=repr)
async def test_where_another_source_may_answer_later_the_call_is_unavailable(curable: SourceError) -> None:
    failure = await failure_of(DeadSource("ai", TOO_EARLY), DeadSource("docs", curable))

    assert failure.code == grpc.StatusCode.UNAVAILABLE


async def test_a_source_for_which_the_question_is_not_costs_only_its_own_numbers() -> None:
    service = AnalyticsService(federation(FakeSource("crm", contacts=1), DeadSource("ai", TOO_EARLY)))

    answer = await service.list_metrics(ListMetricsRequest(), a_call())

    assert states(answer.outcomes) == {"ai": "FAILED", "crm": "ANSWERED"}


async def test_the_required_sources_decide_whether_waiting_helps() -> None:
    crm = FakeSource("crm", contacts=1)
    wait = RateLimitedError("Too often.", retry_after=timedelta(seconds=30))
    early, busy = DeadSource("ai", TOO_EARLY), DeadSource("docs", wait)

    in_vain = await failure_of(crm, early, busy, required=("ai",))
    also_in_vain = await failure_of(early, busy, required=("ai",))
    later = await failure_of(crm, early, busy, required=("docs",))
    both = await failure_of(crm, early, busy, required=("ai", "docs"))

    assert isinstance(in_vain, QuestionOutOfRangeError)
    assert isinstance(also_in_vain, QuestionOutOfRangeError)
    assert in_vain.retry_after is None, "that another source wants to be asked later is beside the point"
    assert isinstance(later, RequiredSourceFailedError)
    assert later.retry_after == timedelta(seconds=30)
    assert isinstance(both, RequiredSourceFailedError)


async def test_pages_and_streams_of_events_are_out_of_range_too() -> None:
    service = AnalyticsService(federation(FakeEvents("help", 5), DeadEvents("docs", 1, TOO_EARLY)))

    with pytest.raises(QuestionOutOfRangeError, match="docs"):
        await service.list_events(ListEventsRequest(), a_call())
    async with aclosing(service.stream_events(StreamEventsRequest(), a_call())) as items:
        with pytest.raises(QuestionOutOfRangeError, match="docs"):
            _ = [item async for item in items]
