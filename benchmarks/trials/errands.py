"""What trials ask."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from urllib.parse import urlencode

from google.protobuf.message import Message

from benchmarks.trials.calls import Errand
from unified.analytics.v1 import freshness_pb2, time_series_pb2
from unified.analytics.v1.analytics_service_pb2 import (
    CountEventsRequest,
    GetOverviewRequest,
    ListAccountsRequest,
    ListEventsRequest,
    ListMetricsRequest,
    QueryRankingRequest,
    QueryTimeSeriesRequest,
)

_DAY = timedelta(days=1)
_LONGEST = 180
"""Days of a window, at most; it ends at most as many days ago, within what all sources keep."""
_NAMES = ("khub.search", "user.login", "document.display")


def today() -> datetime:
    """The midnight with which this day began, UTC."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def windows(end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Windows of whole days that are over by `end`: tens of thousands, each another one, then again."""
    for number in count():
        until = end - (number // _LONGEST % _LONGEST) * _DAY
        yield until - (1 + number % _LONGEST) * _DAY, until


def metrics(start: datetime, end: datetime, *, fresh: bool = False) -> Errand:
    """Everything that there is to count within a window."""
    freshness = freshness_pb2.FRESHNESS_FRESH if fresh else freshness_pb2.FRESHNESS_UNSPECIFIED
    request = ListMetricsRequest(start_time=start, end_time=end, freshness=freshness)
    query = {**_window(start, end), **({"freshness": "FRESH"} if fresh else {})}
    return Errand(name="metrics", request=request, path=f"/v1/metrics?{urlencode(query)}")


def varied(random: Random, end: datetime) -> Errand:
    """One of many questions of all kinds, about windows that are over: a right answer to it stays right."""
    start = end - random.randint(1, 60) * _DAY
    make = random.choice((_metrics, _series, _ranking, _count, _events, _accounts, _overview))
    return make(random, start, end)


def _metrics(_random: Random, start: datetime, end: datetime) -> Errand:
    return metrics(start, end)


def _series(_random: Random, start: datetime, end: datetime) -> Errand:
    request = QueryTimeSeriesRequest(start_time=start, end_time=end, period=time_series_pb2.PERIOD_WEEK)
    return _errand("series", request, "/v1/timeSeries", start, end, period="WEEK")


def _ranking(random: Random, start: datetime, end: datetime) -> Errand:
    ranking = random.choice(("active-users", "active-projects", "event-names"))
    request = QueryRankingRequest(ranking=ranking, start_time=start, end_time=end, limit=5)
    return _errand(ranking, request, f"/v1/rankings/{ranking}", start, end, limit=5)


def _count(random: Random, start: datetime, end: datetime) -> Errand:
    name = random.choice(_NAMES)
    request = CountEventsRequest(start_time=start, end_time=end, event_names=[name])
    return _errand("count", request, "/v1/events:count", start, end, eventNames=name)


def _events(_random: Random, start: datetime, end: datetime) -> Errand:
    request = ListEventsRequest(start_time=start, end_time=end, page_size=20)
    return _errand("events", request, "/v1/events", start, end, pageSize=20)


def _accounts(_random: Random, _start: datetime, _end: datetime) -> Errand:
    return Errand(name="accounts", request=ListAccountsRequest(), path="/v1/accounts")


def _overview(_random: Random, start: datetime, end: datetime) -> Errand:
    return _errand("overview", GetOverviewRequest(start_time=start, end_time=end), "/v1/overview", start, end)


def _errand(name: str, request: Message, path: str, start: datetime, end: datetime, **query: str | int) -> Errand:
    return Errand(name=name, request=request, path=f"{path}?{urlencode({**_window(start, end), **query})}")


def _window(start: datetime, end: datetime) -> dict[str, str | int]:
    return {"startTime": _text(start), "endTime": _text(end)}


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")
