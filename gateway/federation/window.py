"""From a request's two timestamps to the window that the sources are asked for."""

from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from adapters.query import Window
from gateway.federation.requests import WindowedRequest
from gateway.pipeline.errors import FieldViolation, InvalidRequestError

DEFAULT_DAYS = 30
"""Days of the window of who names no start, the day in which it ends included."""

LONGEST = timedelta(days=3660)
"""Ten years. No source keeps more, and a series of days has that many points."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
_SMALLEST = timedelta(microseconds=1)
_NANOS_PER_MICRO = 1000
_NANOS_PER_SECOND = 1_000_000_000


def window_of(request: WindowedRequest, default_end: datetime) -> Window:
    """The window that a request asks for: half open, in UTC, at most `LONGEST`.

    Without `start_time` it starts at midnight, so that it touches `DEFAULT_DAYS` days. A bound between two microseconds
    is moved to the later one, which lets in and keeps out the same events: theirs lie on whole ones.

    Raises:
        InvalidRequestError: a bound is no date, or the window is reversed, empty or too long.
    """
    end = _moment(request.end_time, "end_time") if request.HasField("end_time") else default_end
    start = _moment(request.start_time, "start_time") if request.HasField("start_time") else _default_start(end)
    if start >= end:
        named = "end_time" if request.HasField("end_time") else "the end of the window, by default"
        raise _invalid("start_time", f"must lie before {named} {end.isoformat()}, not at {start.isoformat()}")
    if end - start > LONGEST:
        raise _invalid("start_time", f"must lie at most {LONGEST.days} days before the end of the window")
    return Window(start=start, end=end)


def end_of_today(now: datetime) -> datetime:
    """The midnight that ends today: where a window ends by default, so that equal calls are equal questions."""
    return _midnight(now) + _DAY


def _default_start(end: datetime) -> datetime:
    try:
        return _midnight(end - _SMALLEST) - timedelta(days=DEFAULT_DAYS - 1)
    except OverflowError:
        raise _invalid("end_time", f"lies too early for a window of {DEFAULT_DAYS} days; name start_time too") from None


def _moment(timestamp: Timestamp, field: str) -> datetime:
    seconds, nanos = timestamp.seconds, timestamp.nanos
    try:
        moment = _EPOCH + timedelta(seconds=seconds) + _SMALLEST * -(-nanos // _NANOS_PER_MICRO)
    except OverflowError:
        raise _invalid(field, f"must lie within the years 1 to 9999, not {seconds} seconds from 1970") from None
    if not 0 <= nanos < _NANOS_PER_SECOND:
        raise _invalid(field, f"must have nanos from 0 to 999999999, not {nanos}")
    return moment


def _midnight(moment: datetime) -> datetime:
    return datetime(moment.year, moment.month, moment.day, tzinfo=UTC)  # `replace` takes twice as long


def _invalid(field: str, description: str) -> InvalidRequestError:
    return InvalidRequestError(FieldViolation(field=field, description=description))
