"""What a call comes to where we did not ask, so as to spare an upstream or ourselves."""

from datetime import timedelta

import pytest

from adapters.drift import DriftKind
from adapters.errors import (
    BulkheadFullError,
    CircuitOpenError,
    NotAskedError,
    RateLimitReachedError,
    UnreachableError,
    UpstreamTimeoutError,
)
from adapters.inquiry import Inquiry
from gateway.federation.asks import Plan
from gateway.federation.observation import Observation
from gateway.federation.outcomes import outcome_of, outcomes_of
from gateway.federation.verdict import judge
from gateway.pipeline.errors import SourcesFailedError, SourcesTimedOutError
from tests.clock import START, VirtualClock
from tests.fakes import DeadSource, FakeSource, a_call, federation, opened, states
from tests.gateway.federation.freshness.asking import ASK, Counting, Numbers, ask, asks, federated
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import SourceOutcome

OPEN_CIRCUIT = CircuitOpenError("Not asked.", retry_after=timedelta(seconds=7))
LATE = UpstreamTimeoutError("Late.")
DEAD = UnreachableError("No connection.")


@pytest.mark.parametrize("error", [OPEN_CIRCUIT, BulkheadFullError("Full."), RateLimitReachedError("Too often.")])
def test_a_refusal_of_ours_is_a_state_of_its_own(error: Exception) -> None:
    outcome = outcome_of([Observation(ask=ASK, error=error)])

    assert outcome.state == SourceOutcome.STATE_REFUSED
    assert outcome.attempts == 0


@pytest.mark.parametrize(
    ("errors", "state", "told"),
    [
        ([OPEN_CIRCUIT, OPEN_CIRCUIT], "REFUSED", OPEN_CIRCUIT),
        ([OPEN_CIRCUIT, LATE], "TIMED_OUT", LATE),
        ([LATE, OPEN_CIRCUIT, DEAD], "FAILED", DEAD),
    ],
)
def test_what_the_upstream_did_says_more_than_what_we_did(errors: list[Exception], state: str, told: Exception) -> None:
    (outcome,) = outcomes_of(Observation(ask=ASK, error=error) for error in errors)

    assert states([outcome]) == {"crm": state}
    assert outcome.status.message == str(told)


async def test_when_all_were_refused_the_call_is_unavailable_and_says_when_to_come_back() -> None:
    asked = federation(DeadSource("one", OPEN_CIRCUIT), DeadSource("two", LATE))

    with pytest.raises(SourcesFailedError) as failed:
        await asked.ask(Plan(asks=asks(asked)), a_call())

    assert not isinstance(failed.value, SourcesTimedOutError)
    assert states(failed.value.outcomes) == {"one": "REFUSED", "two": "TIMED_OUT"}
    assert failed.value.retry_after == timedelta(seconds=7)


async def test_a_refused_source_costs_only_its_own_numbers() -> None:
    asked = federation(DeadSource("one", OPEN_CIRCUIT), FakeSource("two", things=1))

    answer = await asked.ask(Plan(asks=asks(asked)), a_call())

    assert states(answer.outcomes) == {"one": "REFUSED", "two": "ANSWERED"}


def test_what_stands_in_is_stale_and_keeps_the_time_at_which_it_was_observed() -> None:
    seen = Observation(ask=ASK, items=[Metric(metric="crm.things", value=1)], observe_time=START, attempts=2)

    outcome = seen.in_place_of(NotAskedError("Forbidden.")).outcome

    assert outcome.state == SourceOutcome.STATE_STALE
    assert (outcome.status.message, outcome.attempts) == ("Forbidden.", 2)
    assert outcome.observe_time.ToDatetime(START.tzinfo) == START
    assert seen.outcome.state == SourceOutcome.STATE_ANSWERED


def test_a_part_of_which_some_is_stale_is_stale_and_of_which_some_failed_is_partial() -> None:
    good = Observation(ask=ASK, observe_time=START)
    stale, failed = good.in_place_of(DEAD), Observation(ask=ASK, error=LATE)

    lacking = Observation(ask=ASK, items=[Metric(metric="crm.things")]).in_place_of(DEAD)

    assert states(outcomes_of([good, stale])) == {"crm": "STALE"}
    assert states(outcomes_of([lacking])) == {"crm": "STALE"}
    assert states(outcomes_of([good, stale, failed])) == {"crm": "PARTIAL"}


def test_a_stale_answer_is_an_answer_also_of_a_required_source() -> None:
    source = opened(Numbers())["crm"]
    stale = Observation(ask=ASK, observe_time=START).in_place_of(DEAD)

    judge(Plan(asks=(ASK,), required=frozenset({source.id}), whole=True), outcomes_of([stale]))


class Drifting(Numbers):
    """Answers otherwise than it documents."""

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        await super().ready(inquiry, question)
        inquiry.drift.note("results[].new", DriftKind.UNKNOWN, 3)


async def test_drift_is_counted_once_for_an_observation_however_often_that_is_used() -> None:
    meter = Counting()
    asked = federated(Drifting(), clock=VirtualClock(), meter=meter)

    outcomes = [(await ask(asked)).outcomes[0] for _ in range(3)]

    assert meter.said.count("drifted crm unknown 3") == 1
    assert [outcome.drift[0].count for outcome in outcomes] == [3, 3, 3]
    assert asked.history("crm").drift[0].count == 3
