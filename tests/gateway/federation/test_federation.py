"""What a federated call comes to when its sources answer, fail, or take their time."""

import asyncio

import pytest
import structlog

from adapters.errors import CredentialRefusedError, RateLimitedError, UpstreamTimeoutError
from adapters.inquiry import Inquiry
from gateway.federation import Federation
from gateway.federation.asks import Plan
from gateway.federation.plan import plan_metrics
from gateway.federation.window import end_of_today, window_of
from gateway.pipeline.errors import RequiredSourceFailedError, SourcesFailedError, SourcesTimedOutError
from tests.clock import START, VirtualClock, settle
from tests.fakes import (
    DeadSource,
    FakeSource,
    HangingSource,
    SlowSource,
    a_call,
    federation,
    states,
    values,
)
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED
from unified.analytics.v1.metric_pb2 import Metric


class CuriousSource(FakeSource):
    """Remembers how many seconds it had."""

    def __init__(self, id: str, **numbers: float | None) -> None:  # noqa: A002 - what the port calls it
        super().__init__(id, **numbers)
        self.had: list[float] = []

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        self.had.append(inquiry.remaining())
        await super().ready(inquiry, question)


def plan(asked: Federation, request: ListMetricsRequest | None = None) -> Plan:
    request = request or ListMetricsRequest()
    return plan_metrics(asked.sources, request, window_of(request, end_of_today(START)))


async def test_a_dead_source_costs_only_its_own_numbers() -> None:
    """A source that cannot be reached is named in the outcomes; the others still count."""
    asked = federation(FakeSource("zylon", projects=12), DeadSource("superoffice"))
    call = a_call()

    answer = await asked.ask(plan(asked), call)

    assert values(answer.items(Metric)) == {"zylon.projects": 12}
    assert states(answer.outcomes) == {"superoffice": "FAILED", "zylon": "ANSWERED"}
    assert call.outcomes == list(answer.outcomes)


async def test_items_come_source_by_source_whoever_answers_first_and_however_they_are_named() -> None:
    clock = VirtualClock()
    asked = federation(FakeSource("two", b=2), SlowSource("one", seconds=1, a=1), clock=clock)

    asking = asyncio.create_task(asked.ask(plan(asked, ListMetricsRequest(sources=["two", "one"])), a_call(clock)))
    await settle()
    await clock.advance(1)
    answer = await asking

    assert [metric.source for metric in answer.items(Metric)] == ["one", "two"]


async def test_a_slow_source_is_left_behind_in_time_for_the_others_to_arrive() -> None:
    """Of ten seconds, the merge leaves at 9.75."""
    clock = VirtualClock()
    hanging = HangingSource("slow")
    asked = federation(FakeSource("quick", things=1), hanging, clock=clock)
    answering = asyncio.create_task(asked.ask(plan(asked), a_call(clock)))
    await hanging.hanging.wait()

    await clock.advance(9.74)
    assert not answering.done()
    await clock.advance(0.02)
    answer = await answering

    assert states(answer.outcomes) == {"quick": "ANSWERED", "slow": "TIMED_OUT"}
    assert hanging.left == 1
    assert [outcome.attempts for outcome in answer.outcomes] == [1, 1]
    assert answer.outcomes[1].latency.ToMilliseconds() == 9760


async def test_sources_are_asked_at_the_same_time() -> None:
    clock = VirtualClock()
    asked = federation(SlowSource("one", 6), SlowSource("two", 6), clock=clock)
    answering = asyncio.create_task(asked.ask(plan(asked), a_call(clock)))

    await settle()
    await clock.advance(6)

    assert states((await answering).outcomes) == {"one": "ANSWERED", "two": "ANSWERED"}


async def test_a_source_knows_how_long_the_call_waits_for_it() -> None:
    """A little less than the call itself, so that what is partial has time to arrive."""
    clock = VirtualClock()
    curious = CuriousSource("curious", things=1)
    asked = federation(curious, clock=clock)

    await asked.ask(plan(asked), a_call(clock, seconds=1))

    assert curious.had == [pytest.approx(0.88)]


async def test_a_caller_who_leaves_cancels_what_was_asked() -> None:
    one, two = HangingSource("one"), HangingSource("two")
    asked = federation(one, two)
    answering = asyncio.create_task(asked.ask(plan(asked), a_call()))
    await one.hanging.wait()
    await two.hanging.wait()

    answering.cancel()
    with structlog.testing.capture_logs() as logs, pytest.raises(asyncio.CancelledError):
        await answering

    assert (one.left, two.left) == (1, 1)
    assert logs == []


@pytest.mark.parametrize("fault", [KeyError("secret value"), asyncio.CancelledError(), ZeroDivisionError()])
async def test_a_fault_in_an_adapter_is_its_own_sources_failure_and_is_logged(fault: Exception) -> None:
    asked = federation(DeadSource("broken", fault), FakeSource("sound", things=1))

    with structlog.testing.capture_logs() as logs:
        answer = await asked.ask(plan(asked), a_call())

    assert states(answer.outcomes) == {"broken": "FAILED", "sound": "ANSWERED"}
    assert "INTERNAL" in str(answer.outcomes[0].status)
    assert "secret value" not in str(answer.outcomes[0])
    assert [(entry["event"], entry["source"]) for entry in logs] == [("source_fault", "broken")]
    assert logs[0]["exc_info"] is fault


async def test_without_an_answer_of_anybody_the_call_fails_with_all_outcomes() -> None:
    asked = federation(DeadSource("one"), DeadSource("two", CredentialRefusedError("Refused.")))
    call = a_call()

    with pytest.raises(SourcesFailedError) as failed:
        await asked.ask(plan(asked), call)

    assert states(failed.value.outcomes) == {"one": "FAILED", "two": "FAILED"}
    assert call.outcomes == list(failed.value.outcomes)
    assert not isinstance(failed.value, RequiredSourceFailedError | SourcesTimedOutError)


async def test_when_all_ran_out_of_time_so_does_the_call() -> None:
    asked = federation(
        DeadSource("one", UpstreamTimeoutError("Late.")), DeadSource("two", UpstreamTimeoutError("Late."))
    )

    with pytest.raises(SourcesTimedOutError):
        await asked.ask(plan(asked), a_call())


async def test_when_only_some_ran_out_of_time_the_call_is_unavailable() -> None:
    asked = federation(DeadSource("one", UpstreamTimeoutError("Late.")), DeadSource("two"))

    with pytest.raises(SourcesFailedError) as failed:
        await asked.ask(plan(asked), a_call())

    assert states(failed.value.outcomes) == {"one": "TIMED_OUT", "two": "FAILED"}


async def test_a_required_source_that_fails_fails_the_call() -> None:
    asked = federation(FakeSource("one", things=1), DeadSource("two", RateLimitedError("Too often.")))

    with pytest.raises(RequiredSourceFailedError, match="two"):
        await asked.ask(plan(asked, ListMetricsRequest(required_sources=["one", "two"])), a_call())

    answer = await asked.ask(plan(asked, ListMetricsRequest(required_sources=["one"])), a_call())
    assert values(answer.items(Metric)) == {"one.things": 1}


async def test_a_partial_answer_is_an_answer_also_of_a_required_source() -> None:
    asked = federation(FakeSource("one", things=1, others=None))

    answer = await asked.ask(plan(asked, ListMetricsRequest(required_sources=["one"])), a_call())

    assert states(answer.outcomes) == {"one": "PARTIAL"}
    assert list(answer.outcomes[0].missing) == ["one.others"]


async def test_cached_asks_no_upstream_and_says_that_nothing_is_at_hand() -> None:
    source = FakeSource("one", things=1)
    asked = federation(source)
    call = a_call()

    with pytest.raises(SourcesFailedError):
        await asked.ask(plan(asked, ListMetricsRequest(freshness=FRESHNESS_CACHED)), call)

    assert source.asked == []
    assert "CACHE_MISS" in str(call.outcomes[0].status)
    assert call.outcomes[0].attempts == 0
