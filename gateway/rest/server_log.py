"""What aiohttp has to say about requests that it could not even parse."""

import logging

import structlog


class _KindOnly(logging.Handler):
    """Tells only which kind of error it was: aiohttp's own text repeats the request, its personal filters included."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one line, as everything else here is logged."""
        error = record.exc_info[1] if record.exc_info else None
        structlog.get_logger().warning("http_error", kind=type(error).__name__ if error else record.levelname.lower())


def server_logger() -> logging.Logger:
    """The logger to hand to aiohttp's server. It is no child of the root logger, whose handlers would print all."""
    logger = logging.Logger("gateway.rest", level=logging.WARNING)  # noqa: LOG001 - a registered one would be everybody's
    logger.addHandler(_KindOnly())
    return logger
