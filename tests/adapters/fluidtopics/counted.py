"""Counts as a test asks for them, and as it lets the portal send them."""

import json
from collections.abc import Mapping
from datetime import timedelta

from adapters.fluidtopics.counts.answers import EVENTS_METRIC
from adapters.query import MetricsQuestion, Period, SeriesQuestion, Window
from tests.adapters.fluidtopics.portal import TODAY, WEEK, Portal
from unified.analytics.v1.time_series_pb2 import TimeSeries

METRICS = frozenset({EVENTS_METRIC})
MONTH = Window(start=TODAY - timedelta(days=40), end=TODAY + timedelta(days=1))


async def metrics(docs: Portal, window: Window = WEEK) -> dict[str, float | None]:
    rows = await docs.source.metrics(MetricsQuestion(window=window, metrics=METRICS), docs.inquiry)
    return {row.labels["event_name"]: row.value if row.HasField("value") else None for row in rows}


async def series(
    docs: Portal, window: Window, period: Period = Period.DAY, names: tuple[str, ...] = ()
) -> Mapping[str, TimeSeries]:
    question = SeriesQuestion(window=window, metrics=METRICS, period=period, event_names=names)
    return {told.labels["event_name"]: told for told in await docs.source.series(question, docs.inquiry)}


def values(told: TimeSeries) -> list[float | None]:
    return [point.value if point.HasField("value") else None for point in told.points]


def counts(*results: object) -> str:
    return json.dumps({"startDate": "2026-03-12", "endDate": "2026-03-19", "results": results})


def result(name: object = "khub.search", **periods: object) -> dict[str, object]:
    rows = [
        {"periodStartDate": day.replace("_", "-").removeprefix("d"), "periodEndDate": "2026-03-31", "eventCount": count}
        for day, count in periods.items()
    ]
    return {"name": name, "periods": rows}
