"""Logs as events with fields: a JSON object per line, or coloured text where somebody watches."""

import logging
from typing import TextIO, cast

import structlog
from structlog.typing import FilteringBoundLogger, Processor

from gateway.logs.json_lines import Heading, render_json
from gateway.logs.output import Output, output_to
from gateway.logs.quick import quick_logger

__all__ = ["configure_logs"]

_LEVEL = logging.INFO


def configure_logs(stream: TextIO) -> FilteringBoundLogger:
    """Send all that is logged in this process to the stream, the libraries' warnings too. Gives the gateway's log.

    Tracebacks are logged without the values of variables, which may be secret or personal. A line that cannot be
    written fails nothing: calls are answered even when the disk for their log lines is full.
    """
    output, heading = output_to(stream), Heading()
    logger = structlog.make_filtering_bound_logger(_LEVEL)
    render: Processor = render_json
    if stream.isatty():
        render = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    else:
        logger = quick_logger(logger, output)
    structlog.configure(
        processors=[heading, render],
        wrapper_class=logger,
        logger_factory=lambda *_name: output,
        cache_logger_on_first_use=False,
    )
    _redirect_libraries(output, heading, render)
    # Bound, since what `get_logger` gives is made anew for each line.
    return cast("FilteringBoundLogger", structlog.get_logger().bind())


def _redirect_libraries(output: Output, heading: Heading, render: Processor) -> None:
    """Write what libraries log with the standard library in the same form."""
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[heading, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, render],
        )
    )
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
