"""What an outcome tells."""

from datetime import timedelta

import pytest
from google.rpc.code_pb2 import Code
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo

from adapters.drift import DriftKind, DriftLog
from adapters.errors import (
    BeyondHorizonError,
    CredentialRefusedError,
    PermissionRefusedError,
    RateLimitedError,
    UnreachableError,
    UpstreamTimeoutError,
)
from adapters.query import RankingQuestion
from gateway.federation.asks import Ask, CheckQuestion, Question
from gateway.federation.observation import Observation
from gateway.federation.outcomes import MOST_DRIFT, outcome_of, outcomes_of
from gateway.federation.window import end_of_today, window_of
from tests.clock import START
from tests.fakes import FakeSource, opened
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import DriftWarning, SourceOutcome
from unified.analytics.v1.ranking_pb2 import Measure, Ranking, RankingEntry

WINDOW = window_of(ListMetricsRequest(), end_of_today(START))
SOURCE = opened(FakeSource("crm", contacts=1), kind="superoffice")["crm"]
CHECK = Ask(source=SOURCE, question=CheckQuestion())


def an_ask(question: Question) -> Ask:
    return Ask(source=SOURCE, question=question)


def a_ranking(ranking: str) -> Ask:
    return an_ask(RankingQuestion(ranking=ranking, window=WINDOW, limit=1))


def info_of(outcome: SourceOutcome) -> ErrorInfo:
    info = ErrorInfo()
    assert outcome.status.details[0].Unpack(info)
    return info


def test_an_answer_has_no_status() -> None:
    seen = Observation(ask=CHECK, observe_time=START, attempts=2, latency=timedelta(milliseconds=1500))

    outcome = outcome_of([seen])

    assert outcome.state == SourceOutcome.STATE_ANSWERED
    assert not outcome.HasField("status")
    assert outcome.observe_time.ToJsonString() == "2026-03-18T12:00:00Z"
    assert (outcome.attempts, outcome.latency.ToJsonString()) == (2, "1.500s")


def test_what_was_never_observed_has_no_time_of_observation() -> None:
    assert not outcome_of([Observation(ask=CHECK, error=UnreachableError("No."))]).HasField("observe_time")


def test_a_failure_says_why_and_whose_it_is() -> None:
    outcome = outcome_of([Observation(ask=CHECK, error=UnreachableError("No connection."))])

    assert outcome.state == SourceOutcome.STATE_FAILED
    assert (outcome.status.code, outcome.status.message) == (Code.UNAVAILABLE, "No connection.")
    info = info_of(outcome)
    assert (info.domain, info.reason) == ("analytics-gateway", "UPSTREAM_UNREACHABLE")
    assert dict(info.metadata) == {"source": "crm", "kind": "superoffice"}


def test_an_upstreams_refusal_of_our_credential_is_not_a_refusal_of_the_callers() -> None:
    for error in (CredentialRefusedError("No."), PermissionRefusedError("No.")):
        assert outcome_of([Observation(ask=CHECK, error=error)]).status.code == Code.UNAVAILABLE


def test_a_window_beyond_the_horizon_is_not_an_outage() -> None:
    outcome = outcome_of([Observation(ask=CHECK, error=BeyondHorizonError("Must start later."))])

    assert outcome.status.code == Code.OUT_OF_RANGE


def test_the_upstreams_word_on_when_to_come_back_is_passed_on() -> None:
    outcome = outcome_of([Observation(ask=CHECK, error=RateLimitedError("No.", retry_after=timedelta(seconds=30)))])

    retry = RetryInfo()
    assert outcome.status.details[1].Unpack(retry)
    assert retry.retry_delay.seconds == 30


def test_no_answer_in_time_is_a_state_of_its_own() -> None:
    outcome = outcome_of([Observation(ask=CHECK, error=UpstreamTimeoutError("Late."))])

    assert outcome.state == SourceOutcome.STATE_TIMED_OUT
    assert outcome.status.code == Code.DEADLINE_EXCEEDED


def test_the_rankings_of_one_source_have_one_outcome_that_names_the_one_that_failed() -> None:
    good = Observation(ask=a_ranking("active-users"), attempts=1, observe_time=START + timedelta(seconds=1))
    bad = Observation(ask=a_ranking("search-terms"), attempts=3, error=UnreachableError("No connection."))
    late = Observation(ask=a_ranking("event-names"), attempts=1, observe_time=START)

    (outcome,) = outcomes_of([good, bad, late])

    assert outcome.state == SourceOutcome.STATE_PARTIAL
    assert list(outcome.missing) == ["search-terms"]
    assert (info_of(outcome).reason, outcome.attempts) == ("UPSTREAM_UNREACHABLE", 5)
    assert outcome.observe_time.ToDatetime(START.tzinfo) == START


def test_what_the_adapter_could_not_get_is_missing_with_its_reason() -> None:
    seen = Observation(ask=CHECK, missing={"b": UnreachableError("No."), "a": BeyondHorizonError("Too early.")})

    outcome = outcome_of([seen])

    assert (outcome.state, list(outcome.missing)) == (SourceOutcome.STATE_PARTIAL, ["a", "b"])
    assert info_of(outcome).reason == "WINDOW_BEYOND_HORIZON"


def test_a_value_that_the_upstream_did_not_tell_is_missing() -> None:
    rows = [Metric(metric="crm.contacts", value=0), Metric(metric="crm.sales")]

    outcome = outcome_of([Observation(ask=CHECK, items=rows)])

    assert list(outcome.missing) == ["crm.sales"]
    assert info_of(outcome).reason == "ANSWER_INCOMPLETE"


def test_a_count_that_the_upstream_did_not_tell_is_missing() -> None:
    assert list(outcome_of([Observation(ask=CHECK, items=[EventCount()])]).missing) == ["count"]
    assert outcome_of([Observation(ask=CHECK, items=[EventCount(count=0)])]).state == SourceOutcome.STATE_ANSWERED


def test_a_truncated_ranking_is_partial() -> None:
    outcome = outcome_of([Observation(ask=CHECK, items=[Ranking(ranking="search-terms", truncated=True)])])

    assert (outcome.state, list(outcome.missing)) == (SourceOutcome.STATE_PARTIAL, ["search-terms"])
    assert info_of(outcome).reason == "ANSWER_TRUNCATED"


@pytest.mark.parametrize(
    "measures",
    [[], [Measure(metric="crm.sales")], [Measure(metric="crm.contacts", value=3)]],
    ids=["no measure", "no value", "another measure"],
)
def test_a_ranking_with_an_entry_whose_place_has_no_number_is_partial(measures: list[Measure]) -> None:
    first = RankingEntry(rank=1, measures=[Measure(metric="crm.sales", value=0)])
    second = RankingEntry(rank=2, measures=measures)
    ranking = Ranking(ranking="active-users", ranked_by="crm.sales", entries=[first, second])

    outcome = outcome_of([Observation(ask=CHECK, items=[ranking])])

    assert (outcome.state, list(outcome.missing)) == (SourceOutcome.STATE_PARTIAL, ["active-users"])
    assert info_of(outcome).reason == "ANSWER_INCOMPLETE"


def test_a_ranking_needs_no_number_but_the_one_that_decides_its_order() -> None:
    measures = [Measure(metric="crm.sales", value=0), Measure(metric="crm.contacts")]
    ranking = Ranking(ranked_by="crm.sales", entries=[RankingEntry(rank=1, measures=measures)])

    assert outcome_of([Observation(ask=CHECK, items=[ranking])]).state == SourceOutcome.STATE_ANSWERED


def test_drift_is_sorted_by_field_and_at_most_twenty() -> None:
    drift = DriftLog()
    for number in reversed(range(30)):
        drift.note(f"field{number:02}", DriftKind.UNKNOWN, count=number + 1)

    outcome = outcome_of([Observation(ask=CHECK, drift=drift)])

    assert [warning.field for warning in outcome.drift] == [f"field{number:02}" for number in range(MOST_DRIFT)]
    assert outcome.drift[4] == DriftWarning(field="field04", kind=DriftWarning.KIND_UNKNOWN, count=5)
    assert outcome.state == SourceOutcome.STATE_ANSWERED
