"""The methods that ask several sources and put what comes into order."""

import pytest

from adapters.query import AccountQuestion, CountQuestion, Period, SeriesQuestion
from gateway.pipeline.errors import InvalidRequestError, RequiredSourceFailedError, UnknownSourceError
from gateway.services import AnalyticsService
from tests.fakes import (
    DeadSource,
    FakeEvents,
    FakeEverything,
    FakeSource,
    a_call,
    federation,
    states,
    values,
)
from unified.analytics.v1.analytics_service_pb2 import (
    CountEventsRequest,
    GetOverviewRequest,
    ListAccountsRequest,
    ListMetricDescriptorsRequest,
    ListMetricsRequest,
    QueryRankingRequest,
    QueryTimeSeriesRequest,
)
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.time_series_pb2 import PERIOD_WEEK


async def test_metrics_of_all_sources_are_one_list_and_the_dead_are_named() -> None:
    service = AnalyticsService(federation(FakeSource("crm", sales=2, contacts=1), DeadSource("ai", projects=1)))

    answer = await service.list_metrics(ListMetricsRequest(), a_call())

    assert [metric.metric for metric in answer.metrics] == ["crm.contacts", "crm.sales"]
    assert values(answer.metrics) == {"crm.contacts": 1, "crm.sales": 2}
    assert states(answer.outcomes) == {"ai": "FAILED", "crm": "ANSWERED"}


async def test_equal_questions_have_equal_answers() -> None:
    """Nothing in a body depends on the moment of the call, the durations of the observation aside."""
    service = AnalyticsService(federation(FakeSource("crm", contacts=1)))

    first = await service.list_metrics(ListMetricsRequest(), a_call())
    second = await service.list_metrics(ListMetricsRequest(), a_call())

    assert first.SerializeToString(deterministic=True) == second.SerializeToString(deterministic=True)


async def test_a_call_without_a_required_source_fails_whichever_method_it_is() -> None:
    service = AnalyticsService(federation(FakeEverything("ai", projects=1), DeadSource("crm")))

    with pytest.raises(RequiredSourceFailedError):
        await service.list_metrics(ListMetricsRequest(required_sources=["crm"]), a_call())
    with pytest.raises(RequiredSourceFailedError):
        await service.get_overview(GetOverviewRequest(required_sources=["crm"]), a_call())


async def test_series_are_asked_for_the_period_and_names_of_the_request() -> None:
    source = FakeEverything("ai", projects=1)
    request = QueryTimeSeriesRequest(period=PERIOD_WEEK, event_names=["login"])

    answer = await AnalyticsService(federation(source)).query_time_series(request, a_call())

    (question,) = source.asked
    assert isinstance(question, SeriesQuestion)
    assert (question.period, question.event_names) == (Period.WEEK, ("login",))
    assert [series.metric for series in answer.time_series] == ["ai.projects"]


async def test_a_ranking_comes_once_per_source() -> None:
    service = AnalyticsService(federation(FakeEverything("two", projects=1), FakeEverything("one", projects=1)))

    answer = await service.query_ranking(QueryRankingRequest(ranking="active-users", limit=3), a_call())

    assert [(ranking.source, len(ranking.entries)) for ranking in answer.rankings] == [("one", 3), ("two", 3)]
    assert [outcome.source for outcome in answer.outcomes] == ["one", "two"]


async def test_events_are_counted_under_the_filters_of_the_request() -> None:
    docs = FakeEvents("docs", 7)
    request = CountEventsRequest(event_names=["login"], user_roles=["admin"])

    answer = await AnalyticsService(federation(docs)).count_events(request, a_call())

    (question,) = docs.asked
    assert isinstance(question, CountQuestion)
    assert (question.filter.names, question.filter.user_roles) == (("login",), ("admin",))
    assert [count.count for count in answer.counts] == [7]


async def test_accounts_are_asked_only_for_the_fields_in_the_mask() -> None:
    source = FakeEverything("crm")
    request = ListAccountsRequest()
    request.read_mask.paths.extend(["license.expiry_time", "country_code"])

    answer = await AnalyticsService(federation(source)).list_accounts(request, a_call())

    assert source.asked == [AccountQuestion(paths=frozenset({"license.expiry_time", "country_code"}))]
    assert [account.source for account in answer.accounts] == ["crm"]


async def test_an_overview_tells_its_window_and_all_parts_that_it_asked() -> None:
    service = AnalyticsService(federation(FakeEverything("ai", projects=1), FakeEvents("docs", 3)))

    answer = await service.get_overview(GetOverviewRequest(), a_call())

    assert answer.start_time.ToJsonString() == "2026-02-17T00:00:00Z"
    assert answer.end_time.ToJsonString() == "2026-03-19T00:00:00Z"
    assert len(answer.metrics) == len(answer.time_series) == len(answer.rankings) == len(answer.accounts) == 1
    assert not answer.events
    assert [outcome.part for outcome in answer.outcomes] == [1, 2, 3, 4]


async def test_an_overview_shows_the_newest_events_of_all_sources_when_its_mask_names_them() -> None:
    service = AnalyticsService(
        federation(FakeEvents("docs", 3), FakeEvents("help", 3), FakeEverything("ai", projects=1))
    )
    request = GetOverviewRequest(limit=4)
    request.read_mask.paths.append("events")

    answer = await service.get_overview(request, a_call())

    assert [event.id for event in answer.events] == ["docs-2", "help-2", "docs-1", "help-1"]
    assert states(answer.outcomes) == {"docs": "ANSWERED", "help": "ANSWERED"}
    assert not answer.metrics


async def test_of_a_source_that_fails_in_one_part_the_other_parts_still_come() -> None:
    class Unaccountable(FakeEverything):
        async def account(self, question: object, inquiry: object) -> None:  # type: ignore[override]  # it only fails
            del question, inquiry
            raise ZeroDivisionError

    service = AnalyticsService(federation(Unaccountable("ai", projects=1)))

    answer = await service.get_overview(GetOverviewRequest(), a_call())

    assert [outcome.state for outcome in answer.outcomes] == [SourceOutcome.STATE_ANSWERED] * 3 + [
        SourceOutcome.STATE_FAILED
    ]
    with pytest.raises(RequiredSourceFailedError):
        await service.get_overview(GetOverviewRequest(required_sources=["ai"]), a_call())


async def test_the_catalogue_names_all_sources_that_tell_a_metric_once() -> None:
    one, two = FakeSource("crm", contacts=1), FakeSource("crm", contacts=5, sales=1)
    two.id = "crm_north"
    service = AnalyticsService(federation(one, two, FakeEvents("docs", 1)))

    everything = await service.list_metric_descriptors(ListMetricDescriptorsRequest(), a_call())
    of_one = await service.list_metric_descriptors(ListMetricDescriptorsRequest(sources=["crm"]), a_call())

    assert [(d.metric, list(d.sources)) for d in everything.metric_descriptors] == [
        ("crm.contacts", ["crm", "crm_north"]),
        ("crm.sales", ["crm_north"]),
    ]
    assert list(of_one.metric_descriptors) == list(everything.metric_descriptors[:1])
    assert not one.asked


async def test_the_catalogue_of_an_unknown_source_is_refused() -> None:
    with pytest.raises(UnknownSourceError):
        await AnalyticsService(federation()).list_metric_descriptors(
            ListMetricDescriptorsRequest(sources=["crm"]), a_call()
        )


async def test_a_mask_that_names_nothing_known_is_refused() -> None:
    request = GetOverviewRequest()
    request.read_mask.paths.append("metrics.value")

    with pytest.raises(InvalidRequestError, match="read_mask"):
        await AnalyticsService(federation(FakeEverything("ai", projects=1))).get_overview(request, a_call())
