"""Moments and days as upstreams write them. What cannot be read is None: one odd value costs only itself."""

import re
from datetime import UTC, date, datetime

from google.protobuf.timestamp_pb2 import Timestamp

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_OF_DAY = 86_400


def parse_moment(text: str | None) -> datetime | None:
    """A moment in UTC, from ISO 8601 in any of the upstreams' spellings, which begin with `YYYY-MM-DD`.

    Accepts any number of fraction digits (what lies below the microsecond is cut off), `Z`, `+01:00` and `-0500`. A
    time without an offset is read as UTC, a date alone as its midnight. `0001-01-01`, .NET's "not set"
    (`DateTime.MinValue`), is None in every offset.
    """
    text = (text or "").strip()
    if not _DAY.match(text):
        return None
    try:
        moment = datetime.fromisoformat(text)
        # Asked before converting: in the first year that overflows.
        if moment.year == 1:
            return None
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def parse_day(text: str | None) -> date | None:
    """A calendar day from `YYYY-MM-DD`, with nothing around it: not shifted by any zone."""
    if text is None or not _DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def timestamp(moment: datetime | None) -> Timestamp | None:
    """The aware moment as the contract says it; None stays None, which a message's constructor takes for absent."""
    if moment is None:
        return None
    since = moment - _EPOCH
    # `FromDatetime` gives the same, in four times the time.
    return Timestamp(seconds=since.days * _SECONDS_OF_DAY + since.seconds, nanos=since.microseconds * 1000)
