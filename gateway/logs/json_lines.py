"""An event as a line of JSON, in few steps: there is one per call, a good part of what an answer at hand costs."""

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import cast

import msgspec
import structlog
from structlog.typing import EventDict, WrappedLogger

_ENCODER = msgspec.json.Encoder()
_ANYTHING = structlog.processors.JSONRenderer()


class Timestamps:
    """Writes times in UTC, to the microsecond. The text of a second is kept: most are of the same as the last."""

    def __init__(self) -> None:
        """Begin with no second known."""
        self._known = ("", "")
        """A second, in digits and as it is written: together, since lines come from several threads."""

    def __call__(self, nanoseconds: int) -> str:
        """A time since 1970."""
        microseconds = str(nanoseconds // 1000)
        second, written = self._known
        if second != microseconds[:-6]:
            second = microseconds[:-6]
            written = datetime.fromtimestamp(int(second), UTC).strftime("%Y-%m-%dT%H:%M:%S")
            self._known = second, written
        return f"{written}.{microseconds[-6:]}Z"


class Heading:
    """Puts first where people look first: when, how bad, what."""

    def __init__(self) -> None:
        """Begin with no time known."""
        self._timestamp = Timestamps()

    def __call__(self, _log: WrappedLogger, level: str, entry: EventDict) -> EventDict:
        """The entry with its heading."""
        return {"timestamp": self._timestamp(time.time_ns()), "level": level, "event": entry.pop("event"), **entry}


class Lines:
    """Writes entries that have their heading, all that came in a while together: no call waits for that."""

    def __init__(self) -> None:
        """Begin with no time known."""
        self._timestamp = Timestamps()

    def __call__(self, entries: Sequence[EventDict]) -> bytes:
        """Their lines, each with its end. Their `timestamp` is in nanoseconds since 1970, and is written into them."""
        for entry in entries:
            entry["timestamp"] = self._timestamp(entry["timestamp"])
        try:
            return _ENCODER.encode_lines(entries)
        except Exception:  # noqa: BLE001 - whatever one of them holds, the others are written
            return b"".join([_some_line(entry) + b"\n" for entry in entries])


def _some_line(entry: EventDict) -> bytes:
    """The entry's line, or one that says why it cannot be written."""
    try:
        return _line(entry)
    except Exception as error:  # noqa: BLE001 - it may be anybody's `__repr__` that fails
        heading = {key: entry[key] for key in ("timestamp", "level", "event")}
        return _line({**heading, "unwritable": type(error).__name__})


def render_json(log: WrappedLogger, level: str, entry: EventDict) -> str:
    """The entry in one line, without its end."""
    if "exc_info" in entry:
        entry = structlog.processors.format_exc_info(log, level, entry)
    return _line(entry).decode()


def _line(entry: EventDict) -> bytes:
    try:
        return _ENCODER.encode(entry)
    except (TypeError, ValueError, OverflowError):  # no JSON, such as a path, or half a surrogate pair
        return cast("str", _ANYTHING(None, "", entry)).encode()
