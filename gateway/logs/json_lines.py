"""An event as a line of JSON, in few steps: there is one per call, a good part of what an answer at hand costs."""

import time
from datetime import UTC, datetime
from typing import cast

import msgspec
import structlog
from structlog.typing import BindableLogger, EventDict, FilteringBoundLogger, WrappedLogger

from gateway.logs.output import Output

_encode = msgspec.json.Encoder().encode
_ANYTHING = structlog.processors.JSONRenderer()


class Heading:
    """Puts first where people look first: when, how bad, what."""

    def __init__(self) -> None:
        """Begin with no time known."""
        self._second = ""
        self._written = ""

    def __call__(self, _log: WrappedLogger, level: str, entry: EventDict) -> EventDict:
        """The entry with its heading."""
        return {"timestamp": self.now(), "level": level, "event": entry.pop("event"), **entry}

    def now(self) -> str:
        """The time in UTC, to the microsecond. The text of a second is kept: most lines are of the same as the last."""
        microseconds = str(time.time_ns() // 1000)
        second = microseconds[:-6]
        if second != self._second:
            self._second = second
            self._written = datetime.fromtimestamp(int(second), UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{self._written}.{microseconds[-6:]}Z"


def render_json(log: WrappedLogger, level: str, entry: EventDict) -> str:
    """The entry in one line, without its end."""
    if "exc_info" in entry:
        entry = structlog.processors.format_exc_info(log, level, entry)
    return _rendered(entry).decode()


def _rendered(entry: EventDict) -> bytes:
    try:
        return _encode(entry)
    except (TypeError, ValueError, OverflowError):  # no JSON, such as a path, or half a surrogate pair
        return cast("str", _ANYTHING(None, "", entry)).encode()


def quick_logger(logger: type[FilteringBoundLogger], heading: Heading, output: Output) -> type[FilteringBoundLogger]:
    """The same class of loggers, but what is logged as `info` does not pass structlog's chain: measured, 3 µs a line.

    What passes it comes out the same: this does in one step what `Heading` and `render_json` do there.
    """
    in_full = logger.info

    def info(self: BindableLogger, event: str, *args: object, **fields: object) -> None:
        if args or "exc_info" in fields:
            in_full(cast("FilteringBoundLogger", self), event, *args, **fields)
            return
        context = structlog.get_context(self)
        output.soon(_rendered({"timestamp": heading.now(), "level": "info", "event": event, **context, **fields}))

    return type("QuickBoundLogger", (logger,), {"info": info})
