"""From two timestamps to a window."""

from datetime import UTC, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation.window import DEFAULT_DAYS, LONGEST, end_of_today, window_of
from gateway.pipeline.errors import InvalidRequestError
from tests.clock import START
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest

TODAY_ENDS = datetime(2026, 3, 19, tzinfo=UTC)


def test_without_bounds_it_is_the_thirty_days_up_to_and_including_today() -> None:
    window = window_of(ListMetricsRequest(), end_of_today(START))

    assert (window.start, window.end) == (datetime(2026, 2, 17, tzinfo=UTC), TODAY_ENDS)
    assert (window.end - window.start).days == DEFAULT_DAYS


def test_two_calls_of_one_day_ask_the_same_question() -> None:
    assert end_of_today(START) == end_of_today(START + timedelta(hours=11, minutes=59))


@pytest.mark.parametrize("hours", [1, 24])
def test_without_a_start_it_touches_thirty_days(hours: int) -> None:
    """An end at midnight belongs to the day before it, since it is exclusive."""
    end = datetime(2025, 6, 30, tzinfo=UTC) + timedelta(hours=hours)

    window = window_of(ListMetricsRequest(end_time=end), TODAY_ENDS)

    assert window.start == datetime(2025, 6, 1, tzinfo=UTC)


def test_bounds_given_are_taken_as_they_are() -> None:
    start, end = START - timedelta(hours=3, microseconds=1), START

    window = window_of(ListMetricsRequest(start_time=start, end_time=end), TODAY_ENDS)

    assert (window.start, window.end) == (start, end)


def test_a_bound_between_two_microseconds_moves_to_the_later_one() -> None:
    start = Timestamp(seconds=1_700_000_000, nanos=1)

    window = window_of(ListMetricsRequest(start_time=start, end_time=START), TODAY_ENDS)

    assert window.start.microsecond == 1


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (START, START),
        (START, START - timedelta(seconds=1)),
        (TODAY_ENDS, None),
        (START - LONGEST - timedelta(seconds=1), START),
    ],
)
def test_an_empty_reversed_or_overlong_window_is_refused_by_name(start: datetime, end: datetime | None) -> None:
    with pytest.raises(InvalidRequestError, match="start_time: must lie"):
        window_of(ListMetricsRequest(start_time=start, end_time=end), TODAY_ENDS)


def test_an_end_too_early_for_the_default_start_is_refused() -> None:
    with pytest.raises(InvalidRequestError, match="end_time: lies too early"):
        window_of(ListMetricsRequest(end_time=datetime(1, 1, 3, tzinfo=UTC)), TODAY_ENDS)


@settings(deadline=None)
@given(
    seconds=st.integers(-(2**63), 2**63 - 1) | st.integers(-62_200_000_000, 253_500_000_000),
    nanos=st.integers(-(2**31), 2**31 - 1) | st.integers(0, 999_999_999),
)
def test_no_timestamp_whatsoever_does_more_than_be_refused(seconds: int, nanos: int) -> None:
    """A gRPC caller can send any two numbers."""
    request = ListMetricsRequest(end_time=Timestamp(seconds=seconds, nanos=nanos))

    if -62_135_596_800 + 86_400 * 30 <= seconds <= 253_402_300_798 and 0 <= nanos < 1_000_000_000:
        end = window_of(request, TODAY_ENDS).end
        assert abs(end.timestamp() - seconds - nanos / 1e9) < 0.001
    else:
        with pytest.raises(InvalidRequestError, match="end_time"):
            window_of(request, TODAY_ENDS)


@pytest.mark.parametrize("nanos", [-1, 1_000_000_000])
def test_nanoseconds_out_of_their_range_are_refused(nanos: int) -> None:
    with pytest.raises(InvalidRequestError, match="start_time: must have nanos"):
        window_of(ListMetricsRequest(start_time=Timestamp(seconds=1_700_000_000, nanos=nanos)), TODAY_ENDS)
