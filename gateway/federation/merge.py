"""Brings the items of several sources into the orders that the contract promises."""

from collections.abc import Iterable

from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import SourceOutcome, SourceWindow
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries


def metrics(found: Iterable[Metric]) -> list[Metric]:
    """By metric, source and labels."""
    return sorted(found, key=_by_metric)


def series(found: Iterable[TimeSeries]) -> list[TimeSeries]:
    """By metric, source and labels."""
    return sorted(found, key=_by_metric)


def rankings(found: Iterable[Ranking]) -> list[Ranking]:
    """By ranking and source; the rankings themselves are never merged, for they count different things."""
    return sorted(found, key=lambda ranking: (ranking.ranking, ranking.source))


def accounts(found: Iterable[Account]) -> list[Account]:
    """By source."""
    return sorted(found, key=lambda account: account.source)


def counts(found: Iterable[EventCount]) -> list[EventCount]:
    """By source."""
    return sorted(found, key=lambda count: count.source)


def windows(found: Iterable[SourceWindow]) -> list[SourceWindow]:
    """By source."""
    return sorted(found, key=lambda window: window.source)


def outcomes(found: Iterable[SourceOutcome]) -> list[SourceOutcome]:
    """By source and part."""
    return sorted(found, key=lambda outcome: (outcome.source, outcome.part))


def _by_metric(item: Metric | TimeSeries) -> tuple[str, str, list[tuple[str, str]]]:
    labels = item.labels
    # Most have none, and `items()` of protobuf's maps is slow.
    return item.metric, item.source, sorted([(name, labels[name]) for name in labels]) if labels else []
