"""Which sources are asked for what."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from adapters.query import AccountQuestion, EventsQuestion, MetricsQuestion, RankingQuestion, SeriesQuestion, Window
from gateway.federation.asks import Plan
from gateway.federation.overview import plan_overview
from gateway.federation.plan import DEFAULT_LIMIT, MOST_HINTS, plan_count, plan_metrics, plan_ranking, plan_series
from gateway.federation.window import end_of_today, window_of
from gateway.pipeline.errors import (
    InvalidRequestError,
    NoSourceCanAnswerError,
    RankingNotFoundError,
    SourceCannotAnswerError,
    UnknownSourceError,
)
from tests.clock import START
from tests.fakes import FakeEvents, FakeEverything, FakeSource, opened
from unified.analytics.v1 import outcome_pb2
from unified.analytics.v1.analytics_service_pb2 import (
    CountEventsRequest,
    GetOverviewRequest,
    ListMetricsRequest,
    QueryRankingRequest,
    QueryTimeSeriesRequest,
)
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED
from unified.analytics.v1.metric_pb2 import MetricDescriptor
from unified.analytics.v1.outcome_pb2 import Part

WINDOW: Window = window_of(ListMetricsRequest(), end_of_today(START))
SOURCES = opened(
    FakeSource("crm", contacts=1, sales=2),
    FakeEverything("ai", projects=3, threads=4),
    FakeEvents("docs", 5),
)


def asked(plan: Plan) -> list[tuple[str, str]]:
    return [(ask.source.id, Part.Name(ask.part).removeprefix("PART_")) for ask in plan.asks]


def overview(request: GetOverviewRequest, *mask: Part) -> Plan:
    return plan_overview(SOURCES, request, WINDOW, frozenset(mask))


def metrics_of(plan: Plan) -> dict[str, Sequence[str]]:
    return {
        ask.source.id: sorted(ask.question.metrics)
        for ask in plan.asks
        if isinstance(ask.question, MetricsQuestion | SeriesQuestion)
    }


def test_without_sources_all_that_can_answer_are_asked() -> None:
    assert asked(plan_metrics(SOURCES, ListMetricsRequest(), WINDOW)) == [("ai", "METRICS"), ("crm", "METRICS")]
    assert asked(plan_count(SOURCES, CountEventsRequest(), WINDOW)) == [("docs", "EVENTS")]


def test_what_a_source_can_be_asked_for_is_found_out_once() -> None:
    class Watched(FakeSource):
        looks = 0

        @property
        def metric_descriptors(self) -> Sequence[MetricDescriptor]:
            self.looks += 1
            return super().metric_descriptors

    watched = Watched("crm", contacts=1)
    sources = opened(watched)
    plan_overview(sources, GetOverviewRequest(), WINDOW, frozenset())
    before = watched.looks

    plan_metrics(sources, ListMetricsRequest(), WINDOW)
    plan_overview(sources, GetOverviewRequest(), WINDOW, frozenset())

    assert watched.looks == before > 0


def test_only_sources_named_are_asked() -> None:
    assert asked(plan_metrics(SOURCES, ListMetricsRequest(sources=["crm"]), WINDOW)) == [("crm", "METRICS")]


def test_only_sources_that_tell_a_wanted_metric_are_asked_and_only_for_that() -> None:
    plan = plan_metrics(SOURCES, ListMetricsRequest(metrics=["crm.sales"]), WINDOW)

    assert metrics_of(plan) == {"crm": ["crm.sales"]}


def test_a_metric_that_nobody_tells_is_named_with_the_most_similar_one() -> None:
    with pytest.raises(InvalidRequestError, match=r'metrics\[1\]: "crm.contract" .* did you mean "crm.contacts"'):
        plan_metrics(SOURCES, ListMetricsRequest(metrics=["crm.sales", "crm.contract"]), WINDOW)


def test_of_many_unknown_metrics_all_are_named_and_only_the_first_are_compared_with_what_there_is() -> None:
    """A comparison takes milliseconds, in which nobody else is served."""
    wanted = [f"crm.contact_{letter}" for letter in "abcdefghijklmnopqrst"]

    with pytest.raises(InvalidRequestError) as refused:
        plan_metrics(SOURCES, ListMetricsRequest(metrics=wanted), WINDOW)

    assert len(refused.value.violations) == len(wanted)
    assert str(refused.value).count("did you mean") == MOST_HINTS


def test_a_metric_without_a_series_is_refused_where_series_are_asked() -> None:
    assert metrics_of(plan_series(SOURCES, QueryTimeSeriesRequest(), WINDOW)) == {"ai": ["ai.projects"]}
    with pytest.raises(InvalidRequestError, match=r"metrics\[0\]"):
        plan_series(SOURCES, QueryTimeSeriesRequest(metrics=["ai.threads"]), WINDOW)


def test_an_unknown_source_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UnknownSourceError, match=r'sources\[1\]: "erp" is not configured; there are: ai, crm, docs'):
        plan_metrics(SOURCES, ListMetricsRequest(sources=["crm", "erp"]), WINDOW)
    with pytest.raises(UnknownSourceError, match=r"required_sources\[0\]"):
        plan_metrics(SOURCES, ListMetricsRequest(required_sources=["erp"]), WINDOW)


def test_a_named_source_that_can_not_answer_is_refused() -> None:
    with pytest.raises(SourceCannotAnswerError, match=r'sources\[0\]: "docs" cannot answer this; .* are: ai, crm'):
        plan_metrics(SOURCES, ListMetricsRequest(sources=["docs"]), WINDOW)


def test_a_required_source_must_be_among_those_asked() -> None:
    with pytest.raises(SourceCannotAnswerError, match=r"required_sources\[0\]"):
        plan_metrics(SOURCES, ListMetricsRequest(required_sources=["docs"]), WINDOW)
    with pytest.raises(SourceCannotAnswerError, match=r"required_sources\[0\]"):
        plan_metrics(SOURCES, ListMetricsRequest(required_sources=["ai"], metrics=["crm.sales"]), WINDOW)
    with pytest.raises(InvalidRequestError, match=r'required_sources\[0\]: "ai" is not among `sources`'):
        plan_metrics(SOURCES, ListMetricsRequest(sources=["crm"], required_sources=["ai"]), WINDOW)

    plan = plan_metrics(SOURCES, ListMetricsRequest(required_sources=["ai"]), WINDOW)

    assert plan.required == {"ai"}


def test_where_no_source_can_answer_the_gateway_is_at_fault_and_not_the_request() -> None:
    with pytest.raises(NoSourceCanAnswerError):
        plan_count(opened(FakeSource("crm", contacts=1)), CountEventsRequest(), WINDOW)
    with pytest.raises(NoSourceCanAnswerError):
        plan_metrics({}, ListMetricsRequest(), WINDOW)


def test_a_ranking_of_the_contract_that_no_source_has_is_not_unknown() -> None:
    with pytest.raises(NoSourceCanAnswerError):
        plan_ranking(SOURCES, QueryRankingRequest(ranking="event-names"), WINDOW)
    with pytest.raises(
        RankingNotFoundError, match='"lazy-users"; there are active-projects, active-users, event-names'
    ):
        plan_ranking(SOURCES, QueryRankingRequest(ranking="lazy-users"), WINDOW)


def test_a_ranking_has_ten_entries_unless_another_limit_is_asked() -> None:
    plans = [plan_ranking(SOURCES, QueryRankingRequest(ranking="active-users", limit=n), WINDOW) for n in (0, 3)]

    limits = [ask.question.limit for plan in plans for ask in plan.asks if isinstance(ask.question, RankingQuestion)]
    assert limits == [DEFAULT_LIMIT, 3]


def test_an_overview_without_mask_asks_no_events_and_no_metered_ranking() -> None:
    plan = overview(GetOverviewRequest())

    assert asked(plan) == [
        ("ai", "METRICS"),
        ("ai", "TIME_SERIES"),
        ("ai", "RANKINGS"),
        ("ai", "ACCOUNTS"),
        ("crm", "METRICS"),
    ]
    assert [a.question.ranking for a in plan.asks if isinstance(a.question, RankingQuestion)] == ["active-users"]


def test_a_mask_names_all_that_an_overview_asks() -> None:
    plan = overview(GetOverviewRequest(limit=7), outcome_pb2.PART_RANKINGS, outcome_pb2.PART_EVENTS)

    assert asked(plan) == [("ai", "RANKINGS"), ("ai", "RANKINGS"), ("docs", "EVENTS")]
    assert [ask.question.size for ask in plan.asks if isinstance(ask.question, EventsQuestion)] == [7]


def test_metrics_select_the_rows_and_series_of_an_overview_and_leave_the_rest_alone() -> None:
    plan = overview(GetOverviewRequest(metrics=["crm.sales"]))

    assert asked(plan) == [("ai", "RANKINGS"), ("ai", "ACCOUNTS"), ("crm", "METRICS")]


def test_a_metric_must_be_told_within_the_parts_that_the_overview_wants() -> None:
    with pytest.raises(InvalidRequestError, match=r"metrics\[0\]"):
        overview(GetOverviewRequest(metrics=["crm.sales"]), outcome_pb2.PART_TIME_SERIES)

    plan = overview(GetOverviewRequest(metrics=["crm.sales"]), outcome_pb2.PART_ACCOUNTS)

    assert [ask.question for ask in plan.asks] == [AccountQuestion()]


def test_a_source_named_for_an_overview_must_have_one_of_its_parts() -> None:
    with pytest.raises(SourceCannotAnswerError):
        overview(GetOverviewRequest(sources=["crm"]), outcome_pb2.PART_EVENTS)


def test_how_fresh_an_answer_must_be_is_part_of_the_plan() -> None:
    request = ListMetricsRequest(freshness=FRESHNESS_CACHED, max_age=timedelta(minutes=3))

    plan = plan_metrics(SOURCES, request, WINDOW)

    assert (plan.freshness, plan.max_age) == (FRESHNESS_CACHED, timedelta(minutes=3))
    assert plan_metrics(SOURCES, ListMetricsRequest(), WINDOW).max_age is None
