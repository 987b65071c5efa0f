"""Questions are valid from birth, and windows fall apart into periods without a gap."""

from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from adapters.query import Period, Window


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(start: str, end: str) -> Window:
    return Window(start=at(start), end=at(end))


@pytest.mark.parametrize("zone", [None, timezone(timedelta(hours=1))])
def test_a_window_is_in_utc(zone: timezone | None) -> None:
    with pytest.raises(ValueError, match="start must be aware and in UTC, not 2026-03-01"):
        Window(start=at("2026-03-01").replace(tzinfo=zone), end=at("2026-03-02"))
    with pytest.raises(ValueError, match="end must be aware and in UTC, not 2026-03-02"):
        Window(start=at("2026-03-01"), end=at("2026-03-02").replace(tzinfo=zone))


def test_utc_by_another_name_is_utc() -> None:
    london = ZoneInfo("Europe/London")
    winter = Window(start=at("2026-01-01").replace(tzinfo=london), end=at("2026-01-02"))
    assert window("2026-01-01", "2026-01-02") == winter
    assert Period.DAY.divides(winter)


@pytest.mark.parametrize("end", ["2026-03-01", "2026-02-28"])
def test_a_window_ends_after_its_start(end: str) -> None:
    with pytest.raises(ValueError, match="must lie before end"):
        window("2026-03-01", end)


@pytest.mark.parametrize(
    ("period", "start", "after"),
    [
        (Period.DAY, "2026-03-18", "2026-03-19"),
        (Period.WEEK, "2026-03-16", "2026-03-23"),
        (Period.MONTH, "2026-03-01", "2026-04-01"),
    ],
)
def test_a_period_begins_at_midnight_and_a_week_on_monday(period: Period, start: str, after: str) -> None:
    assert at(start) == period.floor(at("2026-03-18T15:30"))
    assert at(after) == period.after(at(start))


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("start", ["2024-02-29T23:59:59.999999", "2025-12-29", "2026-01-31T12:00"])
def test_the_periods_of_a_window_follow_each_other_and_those_that_are_cut_say_so(period: Period, start: str) -> None:
    whole = window(start, "2026-03-31T01:00")
    parts = list(period.split(whole))
    assert (whole.start, whole.end) == (parts[0][0].start, parts[-1][0].end)
    assert all(earlier.end == later.start for (earlier, _), (later, _) in pairwise(parts))
    for part, is_cut in parts:
        assert is_cut == (part.start != period.floor(part.start) or part.end != period.after(period.floor(part.start)))


@pytest.mark.parametrize("period", Period)
@pytest.mark.parametrize("start", ["2026-02-01", "2026-02-02", "2026-02-28", "2026-02-01T06:00"])
@pytest.mark.parametrize("end", ["2026-03-01", "2026-03-02", "2026-03-31", "2026-03-02T00:00:00.000001"])
def test_periods_divide_a_window_if_it_cuts_none_of_them(period: Period, start: str, end: str) -> None:
    whole = window(start, end)
    assert period.divides(whole) == (not any(is_cut for _, is_cut in period.split(whole)))


@pytest.mark.parametrize("period", Period)
def test_the_last_period_of_the_calendar_can_be_asked_for(period: Period) -> None:
    last = window("9999-12-31T06:00", "9999-12-31T18:00")
    assert [(last, True)] == list(period.split(last))
