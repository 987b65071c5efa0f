"""From tallies to the contract's metrics, series and counts. Does no I/O."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import accumulate, chain, pairwise

from adapters.fluidtopics.counts.tally import Tally, total
from adapters.query import Period, SeriesQuestion, Window
from adapters.series import SeriesForm
from adapters.times import timestamp
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor, MetricKind, MetricScope
from unified.analytics.v1.time_series_pb2 import TimeSeries

EVENTS_METRIC = "fluidtopics.events"
"""The one metric that there is."""
_LABEL = "event_name"
_BLANKS_KEPT = 128

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
    blank = _blank(source, window)
    rows = []
    for name in sorted(tally.counts):
        # To make each row anew takes three times as long as to copy one.
        row = Metric()
        row.CopyFrom(blank)
        row.labels[_LABEL] = name
        if (value := tally.total(name)) is not None:
            row.value = float(value)  # of an int, it takes twice as long
        rows.append(row)
    return rows


def series(source: str, tally: Tally, question: SeriesQuestion, now: datetime) -> list[TimeSeries]:
    """One series per event name, sorted by name. Periods that have not begun yet have no value."""
    form = SeriesForm(question.window, question.period, source)
    groups = _spans_by_period(tally, question.period)
    # One that has not begun has no span to be counted.
    keys = [groups.get(question.period.floor(span.start), ()) if span.start < now else () for span in form.spans]
    spans = list(chain.from_iterable(keys))
    # Where in `spans` each period begins and ends; of one without a span, nothing is known.
    bounds = list(pairwise(accumulate(map(len, keys), initial=0)))
    told = []
    for name in sorted(tally.counts):
        counts = tally.of(name, spans)
        values = [total(counts[first:last]) if first < last else None for first, last in bounds]
        row = form.filled(EVENTS_METRIC, values)
        row.labels[_LABEL] = name
        told.append(row)
    return told


def event_count(source: str, window: Window, count: int | None) -> EventCount:
    """How many events of a window there are."""
    return EventCount(source=source, start_time=timestamp(window.start), end_time=timestamp(window.end), count=count)


@lru_cache(maxsize=_BLANKS_KEPT)
def _blank(source: str, window: Window) -> Metric:
    """What the rows of an answer have in common. To be copied, never changed."""
    return Metric(
        metric=EVENTS_METRIC, source=source, start_time=timestamp(window.start), end_time=timestamp(window.end)
    )


def _spans_by_period(tally: Tally, period: Period) -> Mapping[datetime, Sequence[str]]:
    """The keys of the tally's spans, by the start of the period that they lie in."""
    groups: dict[datetime, list[str]] = {}
    for key, start in tally.spans.items():
        groups.setdefault(period.floor(start), []).append(key)
    return groups
