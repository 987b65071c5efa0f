"""Loggers whose information is written soon, and not at once."""

import time
from typing import cast

import structlog
from structlog.typing import BindableLogger, FilteringBoundLogger

from gateway.logs.output import Output


def quick_logger(logger: type[FilteringBoundLogger], output: Output) -> type[FilteringBoundLogger]:
    """The same class of loggers, but what is logged as `info` does not pass structlog's chain: measured, 3 µs a line.

    What passes it comes out the same: this and `Lines` do in two steps what `Heading` and `render_json` do there. What
    is logged must stay as it is for a moment.
    """
    in_full = logger.info

    def info(self: BindableLogger, event: str, *args: object, **fields: object) -> None:
        if args or "exc_info" in fields:
            in_full(cast("FilteringBoundLogger", self), event, *args, **fields)
            return
        context = structlog.get_context(self)
        output.soon({"timestamp": time.time_ns(), "level": "info", "event": event, **context, **fields})

    return type("QuickBoundLogger", (logger,), {"info": info})
