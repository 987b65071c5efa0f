"""One request at a time, in the time that it may take."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from adapters.errors import SourceError, UpstreamTimeoutError
from adapters.inquiry import Inquiry
from adapters.meter import SourceMeter

T = TypeVar("T")


class Attempts:
    """Bounds each request, and counts it."""

    def __init__(self, timeout: float, meter: SourceMeter) -> None:
        """Give each request `timeout` seconds, or what is left of its question's time."""
        self._timeout = timeout
        self._meter = meter

    async def send(self, exchange: Callable[[], Awaitable[T]], inquiry: Inquiry) -> T:
        """What `exchange` comes to, which sends one request.

        Raises:
            SourceError: what `exchange` has raised.
            UpstreamTimeoutError: it took too long, or no time was left: then nothing was sent.
        """
        check_time_left(inquiry)
        inquiry.attempts += 1
        started = inquiry.clock.monotonic()
        # Counted even if the caller leaves: the upstream has had the work.
        result = "cancelled"
        try:
            with inquiry.within(self._timeout):
                answer = await exchange()
        except TimeoutError:
            error = _timed_out(inquiry.clock.monotonic() - started)
            result = error.reason.lower()
            raise error from None
        except SourceError as error:
            result = error.reason.lower()
            raise
        else:
            result = "ok"
            return answer
        finally:
            self._meter.attempted(result)


def check_time_left(inquiry: Inquiry) -> None:
    """Raise UpstreamTimeoutError if there is none: nothing is sent in vain."""
    if inquiry.clock.monotonic() >= inquiry.deadline:
        raise UpstreamTimeoutError("No time was left to ask the upstream: give the call more.")


def _timed_out(seconds: float) -> UpstreamTimeoutError:
    error = UpstreamTimeoutError(f"The upstream did not answer within {seconds:.3g} s.")
    error.waited = timedelta(seconds=round(seconds, 3))
    return error
