"""The trials' judges notice what they are there to notice."""

import math
from dataclasses import replace
from random import Random

import pytest
from google.rpc.status_pb2 import Status

from benchmarks.machine import machine
from benchmarks.problems import BenchmarkError
from benchmarks.trials.calls import Ended, Errand
from benchmarks.trials.errands import metrics, today, varied, windows
from benchmarks.trials.havoc import Judge
from benchmarks.trials.outage import Course, Sample, Scenario
from benchmarks.trials.outage_report import claims, to_markdown
from benchmarks.trials.soak import Sample as SoakSample
from benchmarks.trials.soak import Soaked
from benchmarks.trials.statistics import percentile, slope
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse, QueryRankingResponse
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.ranking_pb2 import Measure, Ranking, RankingEntry

ERRAND = Errand(name="metrics", request=ListMetricsRequest(), path="/v1/metrics")
WHY = Status(code=14, message="The upstream failed (503).")


def outcome(source: str, state: SourceOutcome.State, status: Status | None = None) -> SourceOutcome:
    return SourceOutcome(source=source, state=state, status=status)


def answered(*values: tuple[str, float], failed: str = "", why: Status | None = WHY, at: float = 0.0) -> Ended:
    """An answer with the values of these sources, where one more may have failed."""
    outcomes = [outcome(source, SourceOutcome.STATE_ANSWERED) for source, _ in values]
    if failed:
        outcomes.append(outcome(failed, SourceOutcome.STATE_FAILED, why))
    rows = [Metric(metric="fluidtopics.events", source=source, value=value) for source, value in values]
    return Ended(
        errand=ERRAND,
        transport="grpc",
        started=at,
        seconds=0.01,
        code="OK",
        outcomes=tuple(outcomes),
        response=ListMetricsResponse(metrics=rows, outcomes=outcomes),
    )


def judged(ended: Ended) -> list[str]:
    judge = Judge()
    judge.learn(answered(("crm", 1.0), ("docs", 2.0)))
    judge.look_at(ended)
    return list(judge.wreckage.broken)


def test_a_right_answer_breaks_no_promise() -> None:
    assert [] == judged(answered(("crm", 1.0), ("docs", 2.0)))


def test_an_answer_may_lack_a_source_that_says_why() -> None:
    assert [] == judged(answered(("crm", 1.0), failed="docs"))


def test_a_wrong_value_is_noticed() -> None:
    assert ["an answer was wrong"] == judged(answered(("crm", 1.0), ("docs", 3.0)))


def test_a_value_that_is_silently_missing_is_noticed() -> None:
    assert ["an answer was wrong"] == judged(answered(("crm", 1.0)))


def ranked(value: float, *, truncated: bool, state: SourceOutcome.State) -> Ended:
    """A ranking of the source `docs`, of all events or of a part of them."""
    entry = RankingEntry(rank=1, measures=[Measure(metric="fluidtopics.events", value=value)])
    ranking = Ranking(ranking="active-users", source="docs", entries=[entry], truncated=truncated)
    outcomes = [outcome("docs", state, None if state == SourceOutcome.STATE_ANSWERED else WHY)]
    response = QueryRankingResponse(rankings=[ranking], outcomes=outcomes)
    return replace(answered(), response=response, outcomes=tuple(outcomes))


@pytest.mark.parametrize(
    ("value", "truncated", "state", "broken"),
    [
        pytest.param(2.0, False, SourceOutcome.STATE_ANSWERED, [], id="right"),
        pytest.param(1.0, False, SourceOutcome.STATE_ANSWERED, ["an answer was wrong"], id="wrong"),
        pytest.param(1.0, True, SourceOutcome.STATE_PARTIAL, [], id="of fewer events, and told"),
        pytest.param(1.0, True, SourceOutcome.STATE_ANSWERED, ["an answer was wrong"], id="of fewer events, untold"),
    ],
)
def test_a_ranking_may_be_of_fewer_events_where_it_is_told(
    *, value: float, truncated: bool, state: SourceOutcome.State, broken: list[str]
) -> None:
    judge = Judge()
    judge.learn(ranked(2.0, truncated=False, state=SourceOutcome.STATE_ANSWERED))

    judge.look_at(ranked(value, truncated=truncated, state=state))

    assert broken == list(judge.wreckage.broken)


def test_a_failure_without_an_explanation_is_noticed() -> None:
    assert "a failure was not explained" in judged(answered(("crm", 1.0), failed="docs", why=None))


def test_a_call_that_failed_without_a_reason_is_noticed() -> None:
    assert ["a failure was not explained"] == judged(replace(answered(), code="DEADLINE_EXCEEDED", response=None))


def test_a_late_answer_is_noticed() -> None:
    assert ["an answer came too late"] == judged(replace(answered(("crm", 1.0), ("docs", 2.0)), seconds=2.2))


def test_a_call_that_hangs_is_noticed() -> None:
    assert "a call hung" in judged(replace(answered(), code="HUNG", response=None, seconds=7.0))


def test_what_was_not_whole_in_good_times_cannot_be_learnt_from() -> None:
    with pytest.raises(BenchmarkError, match="was not answered before anything was killed"):
        Judge().learn(answered(("crm", 1.0), failed="docs"))


def course(*, asked_while_failing: int, last_answers: bool = True) -> Course:
    """Ten seconds a phase, a call a second, and ten requests a second but for the second phase."""
    scenario = Scenario(source="crm", fault="503", seconds=10, rate=1)
    calls = [
        answered(("docs", 1.0), failed="crm", at=at + 0.5)
        if 10 <= at < 20 or (at >= 20 and not last_answers)
        else answered(("docs", 1.0), ("crm", 1.0), at=at + 0.5)
        for at in range(30)
    ]
    samples = [
        Sample(
            at=float(second),
            asked={"crm": asked_while_failing if 10 < second <= 20 else 10, "docs": 10},
            circuit="open" if 10 < second <= 20 else "closed",
        )
        for second in range(1, 31)
    ]
    return Course(scenario=scenario, calls=calls, samples=samples)


def test_an_outage_that_went_well_holds_every_claim() -> None:
    assert all(claim.held for claim in claims(course(asked_while_failing=2)))


def test_an_upstream_that_is_asked_more_while_it_fails_is_noticed() -> None:
    held = [claim.held for claim in claims(course(asked_while_failing=13))]

    assert [False, True, True, True, True] == held


def test_a_source_that_does_not_come_back_is_noticed() -> None:
    assert not claims(course(asked_while_failing=2, last_answers=False))[-1].held


def test_the_page_has_a_row_for_each_phase_and_a_verdict_for_each_claim() -> None:
    page = to_markdown(course(asked_while_failing=13), machine())

    assert "| failing | 13.0 | 0.0% | 100.0% | 10 ms, 10 ms | open 10 s |" in page
    assert page.count("- Held:") == 4
    assert page.count("- **Not held**:") == 1


def test_memory_that_grows_in_the_second_half_is_noticed() -> None:
    steady = [SoakSample(at=at, resident_mib=100.0, open_files=20) for at in range(0, 600, 10)]
    growing = [replace(sample, resident_mib=100 + sample.at / 60) for sample in steady]

    assert Soaked(minutes=10, samples=steady).holds()
    assert not Soaked(minutes=10, samples=growing).holds()


def test_files_that_pile_up_are_noticed() -> None:
    piling = [SoakSample(at=at, resident_mib=100.0, open_files=20 + int(at / 10)) for at in range(0, 600, 10)]

    assert not Soaked(minutes=10, samples=piling).holds()


def test_windows_are_over_and_differ() -> None:
    end = today()
    some = [window for window, _ in zip(windows(end), range(1000), strict=False)]

    assert len(set(some)) == 1000
    assert all(start < until <= end for start, until in some)


def test_an_errand_is_the_same_over_both_transports() -> None:
    start, end = next(windows(today()))

    assert metrics(start, end, fresh=True).path.endswith("freshness=FRESH")
    assert {varied(Random(seed), end).method for seed in range(50)} == {
        "ListMetrics",
        "QueryTimeSeries",
        "QueryRanking",
        "CountEvents",
        "ListEvents",
        "ListAccounts",
        "GetOverview",
    }


@pytest.mark.parametrize(("percent", "expected"), [(50, 2.0), (99, 4.0), (100, 4.0)])
def test_a_percentile_is_one_of_the_values(percent: int, expected: float) -> None:
    assert expected == percentile([4.0, 1.0, 3.0, 2.0], percent)


def test_a_slope_is_that_of_the_line_through_the_points() -> None:
    assert slope([(0, 1.0), (1, 3.0), (2, 5.0)]) == pytest.approx((2.0, 0.0))
    assert slope([(0, 1.0), (1, 3.0)]) == (0.0, math.inf)


def test_the_error_of_a_slope_grows_with_the_noise() -> None:
    calm, wild = ([(at, at + (-1) ** at * noise) for at in range(20)] for noise in (0.1, 1.0))

    assert slope(wild)[1] == pytest.approx(10 * slope(calm)[1])
