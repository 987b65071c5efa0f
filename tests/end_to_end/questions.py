"""A question for every RPC, put so that each field of the answer has something to say."""

from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from tests.end_to_end.serving import days_before_today
from unified.analytics.v1 import event_pb2, time_series_pb2
from unified.analytics.v1.analytics_service_pb2 import (
    CountEventsRequest,
    GetOverviewRequest,
    ListAccountsRequest,
    ListEventsRequest,
    ListMetricDescriptorsRequest,
    ListMetricsRequest,
    QueryRankingRequest,
    QueryTimeSeriesRequest,
    StreamEventsRequest,
)
from unified.analytics.v1.source_service_pb2 import CheckSourceRequest, GetSourceRequest, ListSourcesRequest

_PARTS = FieldMask(paths=["metrics", "time_series", "rankings", "accounts", "events"])

_ALL: tuple[Message, ...] = (
    GetOverviewRequest(read_mask=_PARTS, start_time=days_before_today(5), limit=3),
    ListMetricsRequest(),
    ListMetricDescriptorsRequest(sources=["crm", "docs"]),
    QueryTimeSeriesRequest(period=time_series_pb2.PERIOD_WEEK, metrics=["fluidtopics.events", "zylon.threads"]),
    QueryRankingRequest(ranking="active-users", start_time=days_before_today(9), limit=5),
    ListEventsRequest(
        page_size=7,
        event_names=["khub.search", "topic.display"],
        user_realms=["internal"],
        order=event_pb2.EVENT_ORDER_OLDEST_FIRST,
    ),
    StreamEventsRequest(start_time=days_before_today(20)),
    CountEventsRequest(event_names=["user.login"]),
    ListAccountsRequest(read_mask=FieldMask(paths=["name", "license.expiry_time", "feature_toggles"])),
    ListSourcesRequest(),
    GetSourceRequest(source="docs"),
    CheckSourceRequest(source="ai"),
)

QUESTIONS = {type(request).__name__.removesuffix("Request"): request for request in _ALL}
"""By the name of the RPC."""
