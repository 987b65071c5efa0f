"""Timestamps and durations as text, fast: nearly every event and every outcome has one."""

from datetime import datetime, timedelta
from functools import lru_cache

from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the zone would only make it slower; the `Z` is added below
_SECONDS = tuple(f"{second:02}" for second in range(60))
_NANOS_PER_SECOND = 1_000_000_000
_NANOS_PER_MILLI = 1_000_000
_NANOS_PER_MICRO = 1_000
_MOST_SECONDS = 315_576_000_000
"""Of a duration: ten thousand years."""


def timestamp_text(timestamp: Timestamp) -> str:
    """RFC 3339 in UTC with no, 3, 6 or 9 digits of a second's fraction, the fewest that lose nothing.

    Raises:
        OverflowError: the time lies outside of the years 1 to 9999.
    """
    return instant_text(timestamp.seconds, timestamp.nanos)


def instant_text(seconds: int, nanos: int) -> str:
    """The text of so long since 1970, as `timestamp_text` has it.

    Raises:
        OverflowError: likewise.
    """
    if not nanos:
        return _whole(seconds)
    minute, second = divmod(seconds, 60)
    return f"{_minute(minute)}{_SECONDS[second]}{_fraction(nanos)}Z"


def duration_text(duration: Duration) -> str:
    """Seconds with no, 3, 6 or 9 digits of a fraction, the fewest that lose nothing.

    Raises:
        ValueError: the duration is none that protobuf allows.
    """
    seconds, nanos = duration.seconds, duration.nanos
    if 0 <= seconds < _MOST_SECONDS and 0 <= nanos < _NANOS_PER_SECOND:
        return f"{seconds}{_fraction(nanos)}s" if nanos else f"{seconds}s"
    # Negative, or wrong: the library knows all about it, in four times the time.
    return duration.ToJsonString()


def _fraction(nanos: int) -> str:
    if not nanos % _NANOS_PER_MILLI:
        return f".{nanos // _NANOS_PER_MILLI:03}"
    if not nanos % _NANOS_PER_MICRO:
        return f".{nanos // _NANOS_PER_MICRO:06}"
    return f".{nanos:09}"


@lru_cache(maxsize=4096)
def _whole(seconds: int) -> str:
    """The text of a whole second since 1970. Most are the bounds of windows and periods, which come again and again."""
    minute, second = divmod(seconds, 60)
    return f"{_minute(minute)}{_SECONDS[second]}Z"


@lru_cache(maxsize=4096)
def _minute(minute: int) -> str:
    """The text of a minute since 1970, up to its seconds. Times in one answer lie close together."""
    return (_EPOCH + timedelta(minutes=minute)).isoformat().removesuffix("00")
