"""The series of one question."""

from datetime import UTC, datetime

import pytest

from adapters.query import Period, Window
from adapters.series import SeriesForm

WINDOW = Window(start=datetime(2026, 3, 4, 6, tzinfo=UTC), end=datetime(2026, 3, 16, tzinfo=UTC))


def test_each_period_has_a_point_cut_to_the_window() -> None:
    form = SeriesForm(WINDOW, Period.WEEK, "docs")
    series = form.filled("docs.events", [1, 2])
    assert ("docs", "docs.events", Period.WEEK.value) == (series.source, series.metric, series.period)
    assert [(WINDOW.start, True), (datetime(2026, 3, 9, tzinfo=UTC), False)] == [
        (point.start_time.ToDatetime(UTC), point.cut) for point in series.points
    ]
    assert [span.end for span in form.spans] == [point.end_time.ToDatetime(UTC) for point in series.points]


def test_a_value_that_is_not_known_is_absent() -> None:
    series = SeriesForm(WINDOW, Period.WEEK, "docs").filled("docs.events", [None, 0])
    assert [False, True] == [point.HasField("value") for point in series.points]


def test_what_becomes_of_one_series_is_not_in_the_next() -> None:
    form = SeriesForm(WINDOW, Period.WEEK, "docs")
    first = form.filled("docs.events", [1, 2])
    first.labels["event_name"] = "khub.search"
    first.points[0].cut = False
    second = form.filled("docs.events", [None, None])
    assert {} == dict(second.labels)
    assert [True, False] == [point.cut for point in second.points]
    assert not any(point.HasField("value") for point in second.points)


def test_there_must_be_as_many_values_as_periods() -> None:
    with pytest.raises(ValueError, match="shorter"):
        SeriesForm(WINDOW, Period.WEEK, "docs").filled("docs.events", [1])
