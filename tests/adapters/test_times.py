"""Times as upstreams write them."""

from datetime import UTC, date, datetime

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from adapters.times import parse_day, parse_moment, timestamp

MOMENT = datetime(2019, 12, 19, 10, 44, 12, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2019-12-19T10:44:12", "2019-12-19 10:44:12", " 2019-12-19T10:44:12 "])
def test_dates_without_an_offset_are_read_as_utc(text: str) -> None:
    assert parse_moment(text) == MOMENT


@pytest.mark.parametrize(
    "text",
    ["2019-12-19T10:44:12Z", "2019-12-19T11:44:12+01:00", "2019-12-19T05:44:12-0500", "2019-12-19T10:44:12.0000000Z"],
)
def test_offsets_in_every_spelling_lead_to_utc(text: str) -> None:
    moment = parse_moment(text)

    assert moment == MOMENT
    assert moment.tzinfo is UTC


@pytest.mark.parametrize("offset", ["", "Z", "+01:00", "+02:00", "-05:00", "-0500"])
@pytest.mark.parametrize("time", ["T00:00:00", "T01:00:00", "T00:00:00.0000000", "T23:59:59"])
def test_the_first_day_of_the_first_year_is_unset_in_every_offset(time: str, offset: str) -> None:
    assert parse_moment(f"0001-01-01{time}{offset}") is None


def test_a_date_alone_is_its_midnight() -> None:
    assert parse_moment("2019-12-19") == datetime(2019, 12, 19, tzinfo=UTC)
    assert parse_moment("0001-01-01") is None


def test_fractions_of_seven_digits_are_cut_to_microseconds() -> None:
    assert parse_moment("2026-02-23T09:52:01.9342965Z") == datetime(2026, 2, 23, 9, 52, 1, 934296, tzinfo=UTC)


def test_the_last_moment_of_all_is_kept_and_what_lies_behind_it_is_none() -> None:
    assert parse_moment("9999-12-31T23:59:59.9999999") == datetime.max.replace(tzinfo=UTC)
    assert parse_moment("9999-12-31T23:59:59-01:00") is None


@pytest.mark.parametrize(
    "text", [None, "", "soon", "19.12.2019", "2019-02-30T00:00:00", "2019-12-19T25:00:00", "\ud800"]
)
def test_what_cannot_be_read_is_none(text: str | None) -> None:
    assert parse_moment(text) is None


@pytest.mark.parametrize("text", ["1731122820000", "20191219", "20191219T104412Z", "2019W514", "2019-W51-4"])
def test_digits_without_dashes_may_mean_anything(text: str) -> None:
    """The first is November 2024 in milliseconds, and would be the year 1731 as a date."""
    assert parse_moment(text) is None


def test_a_day_is_not_shifted() -> None:
    assert parse_day("2026-02-02") == date(2026, 2, 2)


@pytest.mark.parametrize("text", [None, "", "2026-02-30", "2026-2-2", "20260202", "2026-W06-1", "2026-02-02T00:00:00Z"])
def test_only_a_plain_day_is_a_day(text: str | None) -> None:
    assert parse_day(text) is None


def test_a_moment_becomes_a_timestamp_and_none_stays_none() -> None:
    assert timestamp(MOMENT) == Timestamp(seconds=1576752252)
    assert timestamp(None) is None
