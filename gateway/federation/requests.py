"""The requests that are put to several sources, by what they have in common."""

from unified.analytics.v1.analytics_service_pb2 import (
    CountEventsRequest,
    GetOverviewRequest,
    ListAccountsRequest,
    ListEventsRequest,
    ListMetricsRequest,
    QueryRankingRequest,
    QueryTimeSeriesRequest,
    StreamEventsRequest,
)

EventsRequest = ListEventsRequest | StreamEventsRequest | CountEventsRequest
"""They have the filters of events."""

MetricsRequest = GetOverviewRequest | ListMetricsRequest | QueryTimeSeriesRequest
"""They may name the metrics wanted."""

WindowedRequest = EventsRequest | MetricsRequest | QueryRankingRequest
"""They have `start_time` and `end_time`."""

FederatedRequest = WindowedRequest | ListAccountsRequest
"""They have `sources`, `required_sources`, `freshness` and `max_age`."""
