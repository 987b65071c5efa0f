"""`AnalyticsService`: each method plans, asks, and puts what came into order."""

from collections.abc import AsyncGenerator

from adapters.query import EventOrder
from gateway.federation import Answer, Federation, merge
from gateway.federation.overview import plan_overview
from gateway.federation.paging import merge_pages
from gateway.federation.plan import (
    DEFAULT_LIMIT,
    plan_accounts,
    plan_count,
    plan_metrics,
    plan_ranking,
    plan_series,
)
from gateway.federation.planning import Make, Plans, R
from gateway.federation.window import end_of_today, window_of
from gateway.pipeline.call import Call
from gateway.services import catalogue, events, masks
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.analytics_service_pb2 import (
    CountEventsRequest,
    CountEventsResponse,
    GetOverviewRequest,
    GetOverviewResponse,
    ListAccountsRequest,
    ListAccountsResponse,
    ListEventsRequest,
    ListEventsResponse,
    ListMetricDescriptorsRequest,
    ListMetricDescriptorsResponse,
    ListMetricsRequest,
    ListMetricsResponse,
    QueryRankingRequest,
    QueryRankingResponse,
    QueryTimeSeriesRequest,
    QueryTimeSeriesResponse,
    StreamEventsRequest,
    StreamEventsResponse,
)
from unified.analytics.v1.event_pb2 import Event, EventCount
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries


class AnalyticsService:
    """The contract's `AnalyticsService`. Its methods raise only `CallError`, and tell the call the outcomes."""

    def __init__(self, federation: Federation) -> None:
        """Answer from the sources of this federation."""
        self._federation = federation
        self._sources = federation.sources
        self._plans = Plans(federation.sources)

    async def get_overview(self, request: GetOverviewRequest, call: Call) -> GetOverviewResponse:
        """Tell what each source knows, as far as the mask wants it."""
        window = window_of(request, end_of_today(self._federation.clock.now()))
        mask = masks.overview_parts(request.read_mask.paths)
        answer = await self._federation.ask(plan_overview(self._sources, request, window, mask), call)
        response = GetOverviewResponse(
            start_time=window.start,
            end_time=window.end,
            rankings=merge.rankings(answer.items(Ranking)),
            accounts=answer.items(Account),
            events=_newest(answer, request.limit or DEFAULT_LIMIT),
            outcomes=answer.outcomes,
        )
        merge.copy(merge.metrics(answer.items(Metric)), response.metrics)
        merge.copy(merge.series(answer.items(TimeSeries)), response.time_series)
        return response

    async def list_metrics(self, request: ListMetricsRequest, call: Call) -> ListMetricsResponse:
        """List single numbers."""
        answer = await self._ask(plan_metrics, request, call)
        response = ListMetricsResponse(outcomes=answer.outcomes)
        merge.copy(merge.metrics(answer.items(Metric)), response.metrics)
        return response

    async def list_metric_descriptors(
        self, request: ListMetricDescriptorsRequest, call: Call
    ) -> ListMetricDescriptorsResponse:
        """List what the metrics mean; asks no upstream."""
        del call
        return ListMetricDescriptorsResponse(metric_descriptors=catalogue.descriptors(self._sources, request))

    async def query_time_series(self, request: QueryTimeSeriesRequest, call: Call) -> QueryTimeSeriesResponse:
        """Tell metrics period by period."""
        answer = await self._ask(plan_series, request, call)
        response = QueryTimeSeriesResponse(outcomes=answer.outcomes)
        merge.copy(merge.series(answer.items(TimeSeries)), response.time_series)
        return response

    async def query_ranking(self, request: QueryRankingRequest, call: Call) -> QueryRankingResponse:
        """Rank the most active subjects, source by source."""
        answer = await self._ask(plan_ranking, request, call)
        return QueryRankingResponse(rankings=merge.rankings(answer.items(Ranking)), outcomes=answer.outcomes)

    async def list_events(self, request: ListEventsRequest, call: Call) -> ListEventsResponse:
        """List one page of events."""
        return await events.list_events(self._federation, request, call)

    def stream_events(self, request: StreamEventsRequest, call: Call) -> AsyncGenerator[StreamEventsResponse]:
        """Stream all events of the window. Close it (`aclosing`) to stop it."""
        return events.stream_events(self._federation, request, call)

    async def count_events(self, request: CountEventsRequest, call: Call) -> CountEventsResponse:
        """Count events, source by source."""
        answer = await self._ask(plan_count, request, call)
        return CountEventsResponse(counts=answer.items(EventCount), outcomes=answer.outcomes)

    async def list_accounts(self, request: ListAccountsRequest, call: Call) -> ListAccountsResponse:
        """List the accounts behind the sources' credentials, as far as the mask wants them."""
        plan = plan_accounts(self._sources, request, masks.account_paths(request.read_mask.paths))
        answer = await self._federation.ask(plan, call)
        return ListAccountsResponse(accounts=answer.items(Account), outcomes=answer.outcomes)

    async def _ask(self, make: Make[R], request: R, call: Call) -> Answer:
        return await self._federation.ask(self._plans.plan(make, request, self._federation.clock.now()), call)


def _newest(answer: Answer, limit: int) -> list[Event]:
    pages = answer.pages()
    return merge_pages(pages, dict.fromkeys(pages), EventOrder.NEWEST_FIRST, limit).events
