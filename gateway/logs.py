"""Logs as events with fields: a JSON object per line, or coloured text where somebody watches."""

import contextlib
import logging
from typing import TextIO, cast

import structlog
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger


class _Forgiving:
    """A stream whose failures fail nothing else: calls are answered even when the disk for their log lines is full."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()


def configure_logs(stream: TextIO) -> FilteringBoundLogger:
    """Send all that is logged in this process to the stream, the libraries' warnings too. Gives the gateway's log.

    Tracebacks are logged without the values of variables, which may be secret or personal.
    """
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _what_counts_first,
    ]
    last = _last(stream)
    structlog.configure(
        processors=[*before, *last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Forgiving(stream))),
        cache_logger_on_first_use=False,
    )
    _redirect_libraries(stream, before, last)
    return cast("FilteringBoundLogger", structlog.get_logger())


def _what_counts_first(_log: WrappedLogger, _method: str, entry: EventDict) -> EventDict:
    """When, how bad, what: where people look first."""
    first = {key: entry[key] for key in ("timestamp", "level", "event")}
    return {**first, **entry}


def _last(stream: TextIO) -> list[Processor]:
    if stream.isatty():
        return [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    return [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]


def _redirect_libraries(stream: TextIO, before: list[Processor], last: list[Processor]) -> None:
    """Write what libraries log with the standard library in the same form."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*before, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
