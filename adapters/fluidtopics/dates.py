"""Windows and moments as Fluid Topics wants and sends them.

Requests: `YYYY-MM-DD[THH:MM[:SS]]` in GMT, without offset, `Z` or fractions; the start is inclusive, the end
exclusive (Fluid Topics API reference, "Timestamps" and "Retrieve events").
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from google.protobuf.timestamp_pb2 import Timestamp

from adapters.errors import BeyondHorizonError
from adapters.query import Period, Window
from adapters.times import parse_moment, timestamp

_SECOND = timedelta(seconds=1)
_NUMBER = re.compile(r"\s*-?\d{1,18}([.]\d{1,18})?\s*", re.ASCII)
_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999
"""The years 1 to 9999 in milliseconds, which is what a Timestamp holds."""
_MILLISECONDS_FROM = 100_000_000_000
"""From here on a number of `datetime` is milliseconds (1973), below it seconds (until 5138)."""
PLAIN_MILLISECONDS = range(_MILLISECONDS_FROM, _LAST + 1)
"""What nearly every `datetime` is: whole milliseconds, which `read_datetime` gives back as they are."""
_WINDOWS_KEPT = 64
"""Windows that are kept taken apart: several sources, and a dashboard again and again, are asked for the same ones."""
_LAST_SECOND = datetime.max.replace(microsecond=0, tzinfo=UTC)


def stamp(text: str | None) -> Timestamp | None:
    """A date that Fluid Topics echoed. None if it did not, or if it cannot be read."""
    return timestamp(parse_moment(text))


def floor(moment: datetime) -> datetime:
    """The whole second that a moment lies in."""
    return moment.replace(microsecond=0)


def ceil(moment: datetime) -> datetime:
    """The first whole second that is not before a moment; within the last second that there is, that second."""
    whole = floor(moment)
    return whole if not moment.microsecond or whole == _LAST_SECOND else whole + _SECOND


def to_wire(moment: datetime) -> str:
    """An aware moment as naive GMT, to the second."""
    return floor(moment.astimezone(UTC)).replace(tzinfo=None).isoformat()


def askable(window: Window, now: datetime) -> Window | None:
    """The window in whole seconds, widened where it has fractions, and cut at now. None: all of it is yet to come.

    The end is always told, because what Fluid Topics takes as its default, "the current date", may be midnight or now.
    """
    start, end = floor(window.start), min(ceil(window.end), floor(now))
    return Window(start=start, end=end) if start < end else None


def refuse_beyond(horizon: timedelta, window: Window, now: datetime) -> None:
    """Raise BeyondHorizonError if the window begins before what Fluid Topics keeps, by its reference a year."""
    first = now - horizon
    # A whole second lies before another moment just if it lies before the whole second that follows that.
    if floor(window.start) < first:
        first = ceil(first)
        raise BeyondHorizonError(
            f"start_time {window.start.isoformat()} lies too far back: events are kept for {horizon.days} days. "
            f"The window must start on or after {first.isoformat()}."
        )


def edge_test(window: Window) -> Callable[[int], bool] | None:
    """Tells which milliseconds the widening of a window to whole seconds has let in. None: there was none.

    A moment far outside is not our doing, and is let through: the upstream says that it belongs to the window.
    """
    if window.start == floor(window.start) and window.end == floor(window.end):
        return None
    low, start = _microseconds(floor(window.start)), _microseconds(window.start)
    end, high = _microseconds(window.end), _microseconds(ceil(window.end))

    def is_outside(milliseconds: int) -> bool:
        moment = milliseconds * 1000
        return low <= moment < start or end <= moment < high

    return is_outside


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A window taken apart: what can be asked day by day, and what cannot."""

    whole: Window | None
    """Whole days in a row."""
    parts: tuple[Window, ...]
    """Parts of a day at the window's ends, at most two."""


def split_days(window: Window, now: datetime) -> Days:
    """Take a window apart into whole days and cut ones. Nothing is cut off by an end that has not come yet."""
    return _split_days(window.start, window.end if window.end < now else Period.DAY.after(Period.DAY.floor(now)))


@lru_cache(maxsize=_WINDOWS_KEPT)
def _split_days(start: datetime, end: datetime) -> Days:
    if start >= end:
        return Days(whole=None, parts=())
    first, last = Period.DAY.floor(start - timedelta(microseconds=1)) + timedelta(days=1), Period.DAY.floor(end)
    if first > last:
        return Days(whole=None, parts=(Window(start=start, end=end),))
    ends = ((start, first), (last, end))
    return Days(
        whole=Window(start=first, end=last) if first < last else None,
        parts=tuple(Window(start=start, end=end) for start, end in ends if start < end),
    )


def read_datetime(value: float | str | None) -> int | None:
    """Milliseconds since 1970 from an event's `datetime`, rounded down. None if it cannot be read.

    The reference's table says String, its example has epoch milliseconds, a sibling service sends seconds. Accepted
    are a number or a numeric string of either (which of both is told by its size), and ISO 8601.
    """
    if isinstance(value, str):
        return _read_text(value)
    if value is None:
        return None
    milliseconds = value if abs(value) >= _MILLISECONDS_FROM else value * 1000
    return int(milliseconds) if _FIRST <= milliseconds <= _LAST else None


def _read_text(text: str) -> int | None:
    # Numbers first: some epoch milliseconds also read as an ISO date of the eighteenth century.
    if _NUMBER.fullmatch(text):
        return read_datetime(float(text) if "." in text else int(text))
    moment = parse_moment(text)
    return None if moment is None else _microseconds(moment) // 1000


def _microseconds(moment: datetime) -> int:
    return (moment - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)
