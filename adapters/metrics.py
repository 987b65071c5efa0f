"""The rows of one answer whose numbers are those of a moment: they differ in their metrics and values."""

from collections.abc import Iterable
from datetime import datetime

from adapters.times import timestamp
from unified.analytics.v1.metric_pb2 import Metric


def observed_metrics(source: str, observe_time: datetime, values: Iterable[tuple[str, float | None]]) -> list[Metric]:
    """One new row per metric and its value, in their order; None is absent."""
    blank = Metric(source=source, observe_time=timestamp(observe_time))
    rows = []
    for metric, value in values:
        # To make each row anew takes twice as long as to copy one.
        row = Metric()
        row.CopyFrom(blank)
        row.metric = metric
        if value is not None:
            row.value = float(value)  # of an int, it takes twice as long
        rows.append(row)
    return rows
