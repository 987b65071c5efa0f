"""What is remembered of the questions that were put to a source."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
import structlog

from adapters.errors import (
    BeyondHorizonError,
    CredentialRefusedError,
    QuestionNotSupportedError,
    SourceError,
    UpstreamTimeoutError,
)
from adapters.inquiry import Inquiry
from adapters.query import EventsQuestion, MetricsQuestion
from gateway.federation import Federation
from gateway.federation.asks import Ask, CheckQuestion, Plan
from gateway.federation.events import plan_events
from gateway.federation.plan import plan_metrics
from gateway.federation.window import end_of_today, window_of
from gateway.pipeline.errors import InvalidTokenError
from tests.clock import START, VirtualClock
from tests.fakes import (
    DeadSource,
    FakeEvents,
    FakeSource,
    HangingSource,
    a_call,
    federation,
)
from tests.gateway.federation.remembering import MovingSource, check, counted
from unified.analytics.v1.analytics_service_pb2 import ListEventsRequest, ListMetricsRequest
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.source_pb2 import SourceHistory


class MoodySource(FakeSource):
    """Fails as it is told, until it is told otherwise."""

    error: Exception | None = None

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        await super().ready(inquiry, question)
        if self.error is not None:
            raise self.error


class KnowingSource(FakeSource):
    """Has its answer without asking anybody."""

    async def metrics(self, question: MetricsQuestion, inquiry: Inquiry) -> Sequence[Metric]:
        del inquiry
        return [Metric(metric=metric, source=self.id, value=1) for metric in question.metrics]


def metrics_plan(asked: Federation, **request: object) -> Plan:
    wanted = ListMetricsRequest(**request)  # type: ignore[arg-type]  # the tests give what the request takes
    return plan_metrics(asked.sources, wanted, window_of(wanted, end_of_today(START)))


def test_what_was_never_asked_has_only_a_beginning() -> None:
    assert federation(FakeSource("crm")).history("crm") == SourceHistory(start_time=START)


async def test_an_answer_is_a_success_at_the_time_when_the_upstream_was_observed() -> None:
    clock = VirtualClock()

    history = await check(federation(MovingSource("crm", clock), clock=clock), times=2)

    assert history.start_time.ToDatetime(START.tzinfo) == START
    assert history.last_success_time.ToDatetime(START.tzinfo) == START + timedelta(seconds=1 + 2)
    assert counted(history) == {"ANSWERED": 2}
    assert not history.HasField("last_failure")


async def test_a_failure_is_told_as_its_outcome_told_it() -> None:
    asked = federation(DeadSource("crm", CredentialRefusedError("Refused.")))
    plan = Plan(asks=(Ask(source=asked.sources["crm"], question=CheckQuestion()),))

    answer = await asked.observe(plan, a_call())

    history = asked.history("crm")
    assert history.last_failure.status == answer.outcomes[0].status
    assert history.last_failure.time.ToDatetime(START.tzinfo) == START
    assert counted(history) == {"FAILED": 1}
    assert not history.HasField("last_success_time")
    assert not history.HasField("recent_latency")


async def test_a_success_leaves_the_last_failure_to_be_seen() -> None:
    clock, source = VirtualClock(), MoodySource("crm")
    asked = federation(source, clock=clock)
    source.error = UpstreamTimeoutError("Late.")
    await check(asked)
    await clock.advance(5)
    source.error = None

    history = await check(asked)

    assert list(counted(history).items()) == [("ANSWERED", 1), ("TIMED_OUT", 1)]
    assert history.last_success_time.ToDatetime() - history.last_failure.time.ToDatetime() == timedelta(seconds=5)


async def test_each_source_has_a_history_of_its_own() -> None:
    asked = federation(FakeSource("one", things=1), DeadSource("two"))

    await asked.ask(metrics_plan(asked), a_call())

    assert [counted(asked.history(source)) for source in ("one", "two")] == [{"ANSWERED": 1}, {"FAILED": 1}]


async def test_a_partial_answer_is_a_success() -> None:
    asked = federation(FakeSource("crm", things=1, others=None))

    await asked.ask(metrics_plan(asked), a_call())

    history = asked.history("crm")
    assert counted(history) == {"PARTIAL": 1}
    assert history.HasField("last_success_time")
    assert history.recent_latency.count == 1


@pytest.mark.parametrize("error", [BeyondHorizonError("Too far back."), QuestionNotSupportedError("Not so.")])
async def test_what_lies_in_the_question_is_no_failure_of_the_source(error: SourceError) -> None:
    asked = federation(DeadSource("crm", error))

    assert await check(asked) == SourceHistory(start_time=START)


async def test_a_question_that_was_not_put_leaves_no_trace() -> None:
    asked = federation(FakeSource("crm", things=1))

    await asked.observe(metrics_plan(asked, freshness=FRESHNESS_CACHED), a_call())

    assert asked.history("crm") == SourceHistory(start_time=START)


async def test_a_wrong_token_is_no_failure_of_the_source() -> None:
    docs = FakeEvents("docs", 5)
    asked = federation(docs)
    docs.forget_positions()
    planned = plan_events(asked.sources, ListEventsRequest(), START).plan
    question = EventsQuestion(window=window_of(ListEventsRequest(), START), size=1, position="gone")
    plan = Plan(asks=(Ask(source=planned.asks[0].source, question=question),), token_field="page_token")

    with pytest.raises(InvalidTokenError):
        await asked.ask(plan, a_call())

    assert asked.history("docs") == SourceHistory(start_time=START)


async def test_an_answer_for_which_nobody_was_asked_says_nothing_of_the_upstream() -> None:
    asked = federation(KnowingSource("crm", things=1))

    await asked.ask(metrics_plan(asked), a_call())

    assert asked.history("crm") == SourceHistory(start_time=START)


async def test_a_caller_who_leaves_is_no_failure_of_the_source() -> None:
    hanging = HangingSource("crm")
    asked = federation(hanging)
    checking = asyncio.create_task(check(asked))
    await hanging.hanging.wait()

    checking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await checking

    assert asked.history("crm") == SourceHistory(start_time=START)


async def test_a_source_that_is_left_behind_has_timed_out() -> None:
    clock, hanging = VirtualClock(), HangingSource("crm")
    asked = federation(hanging, clock=clock)
    checking = asyncio.create_task(asked.observe(metrics_plan(asked), a_call(clock)))
    await hanging.hanging.wait()

    await clock.advance(10)
    await checking

    assert counted(asked.history("crm")) == {"TIMED_OUT": 1}


async def test_a_fault_of_the_adapter_is_a_failure_and_its_text_is_not_told() -> None:
    asked = federation(DeadSource("crm", KeyError("secret value")))

    with structlog.testing.capture_logs():
        history = await check(asked)

    assert counted(history) == {"FAILED": 1}
    assert "INTERNAL" in str(history)
    assert "secret value" not in str(history)
