"""What a series of days says about each period of a window."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from adapters.errors import InvalidResponseError
from adapters.query import Period, SeriesQuestion, Window
from adapters.transport import Rows
from adapters.zylon.catalogue import INTERACTIONS
from adapters.zylon.days import DailyCounts, Retention, read_days
from adapters.zylon.mapping import time_series
from adapters.zylon.wire import TimeseriesPoint
from unified.analytics.v1.time_series_pb2 import Point

NOW = datetime(2026, 3, 18, 12, tzinfo=UTC)
KEPT = Retention.at(NOW, horizon_days=30)
"""From 16 February to 18 March 2026."""


def window(start: str, end: str) -> Window:
    return Window(
        start=datetime.fromisoformat(start).replace(tzinfo=UTC), end=datetime.fromisoformat(end).replace(tzinfo=UTC)
    )


def counts(wanted: Window, *rows: tuple[str | None, float | None], are_all: bool = True) -> DailyCounts:
    sent = [TimeseriesPoint(date=day, value=value) for day, value in rows]
    return read_days(Rows(rows=sent, are_all=are_all), wanted, KEPT)


def points(days: DailyCounts, wanted: Window, period: Period) -> Sequence[Point]:
    question = SeriesQuestion(window=wanted, metrics=frozenset({INTERACTIONS}), period=period)
    (series,) = time_series({INTERACTIONS: days}, question, "zylon")
    return series.points


def values(days: DailyCounts, wanted: Window, period: Period = Period.DAY) -> list[float | None]:
    return [point.value if point.HasField("value") else None for point in points(days, wanted, period)]


def test_a_day_that_is_left_out_is_zero() -> None:
    wanted = window("2026-03-01", "2026-03-04")
    assert [0, 7, 0] == values(counts(wanted, ("2026-03-02", 7)), wanted)


def test_an_empty_answer_is_a_window_of_zeros() -> None:
    wanted = window("2026-03-01", "2026-03-03")
    assert [0, 0] == values(counts(wanted), wanted)


def test_a_day_before_what_is_kept_has_no_value_unless_it_is_told() -> None:
    wanted = window("2026-02-13", "2026-02-18")
    assert [None, 4, None, 0, 5] == values(counts(wanted, ("2026-02-14", 4), ("2026-02-17", 5)), wanted)


def test_a_day_that_has_not_begun_has_no_value() -> None:
    wanted = window("2026-03-17", "2026-03-20")
    assert [3, 0, None] == values(counts(wanted, ("2026-03-17", 3)), wanted)


def test_a_null_is_not_zero_and_leaves_its_week_without_a_value() -> None:
    wanted = window("2026-03-02", "2026-03-16")
    days = counts(wanted, ("2026-03-03", None), ("2026-03-10", 4), ("2026-03-11", 5))
    assert [None, 9] == values(days, wanted, Period.WEEK)


def test_weeks_and_months_are_sums_of_days_and_those_that_the_window_cuts_are_marked() -> None:
    wanted = window("2026-02-20", "2026-03-11")
    days = counts(wanted, ("2026-02-20", 1), ("2026-02-23", 10), ("2026-03-01", 20), ("2026-03-10", 300))
    weeks = points(days, wanted, Period.WEEK)
    assert [(1, True), (30, False), (0, False), (300, True)] == [(point.value, point.cut) for point in weeks]
    months = points(days, wanted, Period.MONTH)
    assert [(11, True), (320, True)] == [(point.value, point.cut) for point in months]


def test_a_week_that_is_not_over_counts_what_has_happened() -> None:
    wanted = window("2026-03-16", "2026-03-23")
    assert [5] == values(counts(wanted, ("2026-03-16", 2), ("2026-03-18", 3)), wanted, Period.WEEK)


def test_a_week_of_which_a_day_is_no_longer_kept_has_no_value() -> None:
    wanted = window("2026-02-09", "2026-02-23")
    assert [None, 2] == values(counts(wanted, ("2026-02-15", 1), ("2026-02-16", 2)), wanted, Period.WEEK)


def test_days_outside_the_window_are_passed_over() -> None:
    wanted = window("2026-03-02", "2026-03-03")
    assert {date(2026, 3, 2): 1} == counts(wanted, ("2026-03-01", 9), ("2026-03-02", 1), ("2026-03-03", 9)).values


def test_a_day_told_twice_counts_once_and_in_two_ways_is_not_known() -> None:
    wanted = window("2026-03-02", "2026-03-04")
    days = counts(wanted, ("2026-03-02", 1), ("2026-03-02", 1), ("2026-03-03", 1), ("2026-03-03", 2))
    assert [1, None] == values(days, wanted)


@pytest.mark.parametrize("day", [None, "yesterday", "2026-13-01", "2026-03-02T00:00:00+14:00"])
def test_a_row_without_a_readable_day_leaves_open_which_day_it_is_about(day: str | None) -> None:
    wanted = window("2026-03-01", "2026-03-03")
    assert [8, None] == values(counts(wanted, ("2026-03-01", 8), (day, 5)), wanted)


def test_a_row_that_was_lost_in_reading_leaves_open_which_day_it_was_about() -> None:
    wanted = window("2026-03-01", "2026-03-03")
    assert [8, None] == values(counts(wanted, ("2026-03-01", 8), are_all=False), wanted)


def test_rows_of_which_none_has_a_day_are_no_answer() -> None:
    with pytest.raises(InvalidResponseError):
        counts(window("2026-03-01", "2026-03-03"), ("2 March", 5))


def test_a_window_within_a_day_has_one_point_of_its_own_length() -> None:
    wanted = window("2026-03-02T06:00", "2026-03-02T18:00")
    (point,) = points(counts(wanted, ("2026-03-02", 5)), wanted, Period.DAY)
    assert (5, True) == (point.value, point.cut)
    assert (wanted.start, wanted.end) == (
        point.start_time.ToDatetime(UTC),
        point.end_time.ToDatetime(UTC),
    )
