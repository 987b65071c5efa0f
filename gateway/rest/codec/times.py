"""Timestamps as text, fast: nearly every event has one."""

from datetime import datetime, timedelta
from functools import lru_cache

from google.protobuf.timestamp_pb2 import Timestamp

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - the zone would only make it slower; the `Z` is added below
_SECONDS = tuple(f"{second:02}" for second in range(60))
_NANOS_PER_MILLI = 1_000_000
_NANOS_PER_MICRO = 1_000


def timestamp_text(timestamp: Timestamp) -> str:
    """RFC 3339 in UTC with no, 3, 6 or 9 digits of a second's fraction, the fewest that lose nothing.

    Raises:
        OverflowError: the time lies outside of the years 1 to 9999.
    """
    nanos = timestamp.nanos
    if not nanos:
        return _whole(timestamp.seconds)
    minute, second = divmod(timestamp.seconds, 60)
    start = _minute(minute)
    if not nanos % _NANOS_PER_MILLI:
        return f"{start}{_SECONDS[second]}.{nanos // _NANOS_PER_MILLI:03}Z"
    if not nanos % _NANOS_PER_MICRO:
        return f"{start}{_SECONDS[second]}.{nanos // _NANOS_PER_MICRO:06}Z"
    return f"{start}{_SECONDS[second]}.{nanos:09}Z"


@lru_cache(maxsize=4096)
def _whole(seconds: int) -> str:
    """The text of a whole second since 1970. Most are the bounds of windows and periods, which come again and again."""
    minute, second = divmod(seconds, 60)
    return f"{_minute(minute)}{_SECONDS[second]}Z"


@lru_cache(maxsize=4096)
def _minute(minute: int) -> str:
    """The text of a minute since 1970, up to its seconds. Times in one answer lie close together."""
    return (_EPOCH + timedelta(minutes=minute)).isoformat().removesuffix("00")
