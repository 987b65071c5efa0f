"""From tallies to the contract's metrics, series and counts. Does no I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.fluidtopics.counts.tally import Counts, Tally, total
from adapters.query import Period, SeriesQuestion, Window
from adapters.series import SeriesForm
from adapters.times import timestamp
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor, MetricKind, MetricScope
from unified.analytics.v1.time_series_pb2 import TimeSeries

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
    blank = Metric(
        metric=EVENTS_METRIC, source=source, start_time=timestamp(window.start), end_time=timestamp(window.end)
    )
    return [_row(blank, name, tally.total(name)) for name in sorted(tally.counts)]


def series(source: str, tally: Tally, question: SeriesQuestion, now: datetime) -> list[TimeSeries]:
    """One series per event name, sorted by name. Periods that have not begun yet have no value."""
    form = SeriesForm(question.window, question.period, source)
    groups = _spans_by_period(tally, question.period)
    # One that has not begun has no span to be counted.
    spans = [groups.get(question.period.floor(span.start), ()) if span.start < now else () for span in form.spans]
    told = []
    for name in sorted(tally.counts):
        counts = tally.of(name)
        row = form.filled(EVENTS_METRIC, (_sum(counts, starts) for starts in spans))
        row.labels[_LABEL] = name
        told.append(row)
    return told


def event_count(source: str, window: Window, count: int | None) -> EventCount:
    """How many events of a window there are."""
    return EventCount(source=source, start_time=timestamp(window.start), end_time=timestamp(window.end), count=count)


def _row(blank: Metric, name: str, value: int | None) -> Metric:
    """A copy, filled in: to make each row anew takes three times as long."""
    row = Metric()
    row.CopyFrom(blank)
    row.labels[_LABEL] = name
    if value is not None:
        row.value = value
    return row


def _spans_by_period(tally: Tally, period: Period) -> Mapping[datetime, Sequence[datetime]]:
    """The starts of the tally's spans, by the start of the period that they lie in."""
    groups: dict[datetime, list[datetime]] = {}
    for start in tally.spans:
        groups.setdefault(period.floor(start), []).append(start)
    return groups


def _sum(counts: Counts, starts: Sequence[datetime]) -> int | None:
    """What a name has in some spans together; of none, nothing is known."""
    return total(map(counts.at, starts)) if starts else None
