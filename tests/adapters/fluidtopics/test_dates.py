"""Windows and moments: pure logic, without a portal."""

import re
from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.errors import BeyondHorizonError
from adapters.fluidtopics import dates
from adapters.query import Period, Window
from tests.adapters.fluidtopics.portal import at, between
from tests.clock import START

SECONDS = st.integers(-40 * 86_400, 3 * 86_400).map(lambda seconds: START + timedelta(seconds=seconds))


def test_a_date_on_the_wire_has_no_zone_and_no_fraction() -> None:
    assert "2026-03-18T11:00:00" == dates.to_wire(
        datetime(2026, 3, 18, 12, 0, 0, 999_999, tzinfo=timezone(timedelta(hours=1)))
    )
    assert "2026-03-18T00:00:00" == dates.to_wire(at("2026-03-18"))
    assert "0999-03-18T00:00:00" == dates.to_wire(at("0999-03-18"))


@pytest.mark.parametrize("second", [0, 0.9])
def test_a_window_that_begins_within_the_second_in_which_the_horizon_ends_begins_too_early(second: float) -> None:
    now, horizon = START + timedelta(seconds=0.5), timedelta(days=365)
    start = START - horizon + timedelta(seconds=second)
    first = START - horizon + timedelta(seconds=1)
    with pytest.raises(BeyondHorizonError, match=re.escape(f"on or after {first.isoformat()}.")):
        dates.refuse_beyond(horizon, Window(start=start, end=START), now)
    dates.refuse_beyond(horizon, Window(start=first, end=START), now)


@pytest.mark.parametrize(
    ("value", "milliseconds"),
    [
        (1714487636947, 1714487636947),
        (1714487636947.9, 1714487636947),
        (1776431630, 1776431630000),
        (1776431630.5, 1776431630500),
        ("+1714487636947", None),
        ("1714487636948", 1714487636948),
        ("1712123141000", 1712123141000),
        (" 1776431630.25 ", 1776431630250),
        ("2024-04-30T14:33:56.947Z", 1714487636947),
        ("2024-04-30T14:33:56.9479999", 1714487636947),
        ("2024-04-30T16:33:56.947+0200", 1714487636947),
        ("2024-04-30", 1714435200000),
        (0, 0),
        (-1, -1000),
        (None, None),
        ("", None),
        ("soon", None),
        ("9" * 5000, None),
        (10**18, None),
        (float("nan"), None),
        (float("inf"), None),
        ("0001-01-01T00:00:00", None),
    ],
)
def test_a_moment_is_read_from_numbers_of_either_unit_numeric_texts_and_iso(
    value: float | str | None, milliseconds: int | None
) -> None:
    assert milliseconds == dates.read_datetime(value)


def test_what_may_be_asked_ends_now_in_whole_seconds() -> None:
    now = START + timedelta(milliseconds=700)
    assert Window(start=START - timedelta(days=1), end=START) == dates.askable(
        Window(start=START - timedelta(days=1), end=START + timedelta(days=1)), now
    )
    assert between("2026-03-01T10:00:00", "2026-03-01T10:00:02") == dates.askable(
        between("2026-03-01T10:00:00.500", "2026-03-01T10:00:01.001"), now
    )
    assert dates.askable(Window(start=START, end=START + timedelta(days=1)), now) is None


@pytest.mark.parametrize(
    ("window", "whole", "parts"),
    [
        (between("2026-03-10", "2026-03-12"), between("2026-03-10", "2026-03-12"), []),
        (
            between("2026-03-10T06:00", "2026-03-12T18:00"),
            between("2026-03-11", "2026-03-12"),
            [between("2026-03-10T06:00", "2026-03-11"), between("2026-03-12", "2026-03-12T18:00")],
        ),
        (between("2026-03-10T06:00", "2026-03-10T18:00"), None, [between("2026-03-10T06:00", "2026-03-10T18:00")]),
        (
            between("2026-03-10T06:00", "2026-03-11T18:00"),
            None,
            [between("2026-03-10T06:00", "2026-03-11"), between("2026-03-11", "2026-03-11T18:00")],
        ),
        (between("2026-03-17", "2026-03-18T12:00"), between("2026-03-17", "2026-03-19"), []),
        (between("2026-03-17", "2026-05-01T01:00"), between("2026-03-17", "2026-03-19"), []),
        (
            between("2026-03-17", "2026-03-18T11:59"),
            between("2026-03-17", "2026-03-18"),
            [between("2026-03-18", "2026-03-18T11:59")],
        ),
        (between("2026-04-01", "2026-05-01"), None, []),
    ],
)
def test_a_window_is_taken_apart_into_days(window: Window, whole: Window | None, parts: list[Window]) -> None:
    assert dates.Days(whole=whole, parts=tuple(parts)) == dates.split_days(window, START)


@given(first=SECONDS, second=SECONDS)
def test_the_parts_of_a_window_are_the_window_until_now(first: datetime, second: datetime) -> None:
    if first == second:
        return
    window = Window(start=min(first, second), end=max(first, second))
    days = dates.split_days(window, START)
    spans = sorted([*days.parts, *filter(None, [days.whole])], key=lambda span: span.start)
    assert all(before.end == after.start for before, after in pairwise(spans))
    assert days.whole is None or all(Period.DAY.floor(end) == end for end in (days.whole.start, days.whole.end))
    assert len(days.parts) <= 2
    if spans:
        assert window.start == spans[0].start
        assert spans[-1].end == window.end or min(window.end, spans[-1].end) >= START
    else:
        assert window.start > START


def test_only_what_the_widening_let_in_is_outside() -> None:
    is_outside = dates.edge_test(between("2026-03-01T10:00:00.500", "2026-03-02T10:00:00.250"))
    assert is_outside is not None
    start, end = (int(at(text).timestamp() * 1000) for text in ("2026-03-01T10:00:00", "2026-03-02T10:00:00"))
    assert [True, True, False] == [is_outside(start + offset) for offset in (0, 499, 500)]
    assert [False, True, True, False] == [is_outside(end + offset) for offset in (249, 250, 999, 1000)]
    assert not is_outside(start - 1)
    assert dates.edge_test(between("2026-03-01T10:00:00", "2026-03-02T10:00:00")) is None


def test_an_echo_is_read_or_absent() -> None:
    echo = dates.stamp("2024-01-01T00:00:00")
    assert echo is not None
    assert datetime(2024, 1, 1, tzinfo=UTC) == echo.ToDatetime(UTC)
    assert dates.stamp("soon") is None
    assert dates.stamp(None) is None
