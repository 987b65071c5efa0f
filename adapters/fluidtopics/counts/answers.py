"""From tallies to the contract's metrics, series and counts. Does no I/O."""

from datetime import datetime

from adapters.fluidtopics.counts.tally import Tally
from adapters.query import SeriesQuestion, Window
from adapters.times import timestamp
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor, MetricKind, MetricScope
from unified.analytics.v1.time_series_pb2 import Point, TimeSeries

EVENTS_METRIC = "fluidtopics.events"
"""The one metric that there is."""
_LABEL = "event_name"

EVENTS_DESCRIPTOR = MetricDescriptor(
    metric=EVENTS_METRIC,
    display_name="Portal events",
    description=(
        "What users did on the documentation portal, one row per kind of event, such as `khub.search`. "
        "The set of names is open; a name without a row did not occur."
    ),
    unit="1",
    scope=MetricScope.METRIC_SCOPE_SYSTEM,
    value_kind=MetricKind.METRIC_KIND_DELTA,
    label_names=(_LABEL,),
    upstream_field="eventCount",
    not_additive_with=(
        "zylon.interactions: an event is one action on a page, an interaction a whole exchange with an assistant."
    ),
    has_time_series=True,
)
"""What it means."""


def metrics(source: str, tally: Tally, window: Window) -> list[Metric]:
    """One row per event name, sorted by name."""
    start, end = timestamp(window.start), timestamp(window.end)
    return [
        Metric(
            metric=EVENTS_METRIC,
            source=source,
            labels={_LABEL: name},
            value=tally.total(name),
            start_time=start,
            end_time=end,
        )
        for name in sorted(tally.buckets)
    ]


def series(source: str, tally: Tally, question: SeriesQuestion, now: datetime) -> list[TimeSeries]:
    """One series per event name, sorted by name. Periods that have not begun yet have no value."""
    periods = list(question.period.split(question.window))
    return [
        TimeSeries(
            metric=EVENTS_METRIC,
            source=source,
            labels={_LABEL: name},
            period=question.period.value,
            points=_points(tally, name, question, periods, now),
        )
        for name in sorted(tally.buckets)
    ]


def event_count(source: str, window: Window, count: int | None) -> EventCount:
    """How many events of a window there are."""
    return EventCount(source=source, start_time=timestamp(window.start), end_time=timestamp(window.end), count=count)


def _points(
    tally: Tally, name: str, question: SeriesQuestion, periods: list[tuple[Window, bool]], now: datetime
) -> list[Point]:
    counts = tally.totals_by(question.period.floor, name)
    return [
        Point(
            start_time=timestamp(span.start),
            end_time=timestamp(span.end),
            value=counts.get(question.period.floor(span.start)) if span.start < now else None,
            cut=is_cut,
        )
        for span, is_cut in periods
    ]
