"""Puts one question to one source, and tells what happened, whatever happened."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import structlog

from adapters.clock import Clock
from adapters.errors import InvalidPositionError, SourceError, UpstreamTimeoutError
from adapters.inquiry import Inquiry
from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventsQuestion,
    MetricsQuestion,
    RankingQuestion,
    SeriesQuestion,
)
from adapters.timeout import Timeout
from gateway.federation.asks import Ask, CheckQuestion
from gateway.federation.observation import Item, Observation
from gateway.pipeline.cancellation import is_being_cancelled

Put = Callable[[Ask, Inquiry], Awaitable[Sequence[Item]]]
"""How a question is put."""

MARGIN = 0.02
"""Seconds by which a source's time ends before the call leaves: a last attempt that times out costs only itself."""


def inquiry_for(ask: Ask, clock: Clock, leave_at: float) -> Inquiry:
    """An inquiry for a question of a call that leaves then."""
    return Inquiry(source=ask.source.id, clock=clock, deadline=leave_at - MARGIN)


async def inquire(ask: Ask, inquiry: Inquiry, how: Put, *, give_up_at: float | None, request_id: str) -> Observation:
    """Put one question, and give up then at the latest; None: whoever waits will. Raises only if it is cancelled.

    `request_id` is that of the call on whose behalf it is put, for the log.
    """
    started = inquiry.clock.monotonic()
    items: Sequence[Item] = ()
    error: Exception | None = None
    try:
        if give_up_at is None:
            items = await how(ask, inquiry)
        else:
            with Timeout(inquiry.clock, give_up_at):
                items = await how(ask, inquiry)
    except TimeoutError:
        return left_behind(ask, inquiry, started)
    except (SourceError, InvalidPositionError) as caught:
        error = caught
    except (Exception, asyncio.CancelledError) as caught:
        if isinstance(caught, asyncio.CancelledError) and is_being_cancelled():
            # As it is: raised by a function that is given it, it would hold that one's frame, and be held by it, with
            # all that was in hand, until the garbage is collected.
            raise
        error = _fault(ask, caught, request_id)
    return _observation(ask, inquiry, started, items, error)


def left_behind(ask: Ask, inquiry: Inquiry, started: float) -> Observation:
    """What a question came to for who does not wait for it any longer; it may still be under way for others."""
    late = UpstreamTimeoutError("No answer came within the time that the call allowed.")
    return _observation(ask, inquiry, started, (), late)


def _observation(
    ask: Ask, inquiry: Inquiry, started: float, items: Sequence[Item], error: Exception | None
) -> Observation:
    return Observation(
        ask=ask,
        items=items,
        error=error,
        observe_time=inquiry.observe_time,
        attempts=inquiry.attempts,
        latency=timedelta(seconds=inquiry.clock.monotonic() - started),
        drift=inquiry.drift,
        missing=dict(inquiry.missing),
    )


def _fault(ask: Ask, caught: BaseException, request_id: str) -> Exception:
    """A fault of the adapter, which costs its own source only."""
    structlog.get_logger().error(
        "source_fault", source=ask.source.id, kind=ask.source.kind, request_id=request_id, exc_info=caught
    )
    return caught if isinstance(caught, Exception) else RuntimeError("the adapter cancelled itself")


def put(ask: Ask, inquiry: Inquiry) -> Awaitable[Sequence[Item]]:  # noqa: PLR0911 - one for each kind of question
    """Put a question to the port that it is for. Awaiting what comes of it puts it.

    Raises:
        SourceError: the source can't answer.
        InvalidPositionError: the position in the question is not one that the source gave out.
    """
    ports = ask.source.ports
    match ask.question:
        case MetricsQuestion() as question if ports.metrics is not None:
            return ports.metrics.metrics(question, inquiry)
        case SeriesQuestion() as question if ports.series is not None:
            return ports.series.series(question, inquiry)
        case RankingQuestion() as question if ports.rankings is not None:
            return _alone(ports.rankings.ranking(question, inquiry))
        case AccountQuestion() as question if ports.accounts is not None:
            return _alone(ports.accounts.account(question, inquiry))
        case EventsQuestion() as question if ports.events is not None:
            return _alone(ports.events.events(question, inquiry))
        case CountQuestion() as question if ports.events is not None:
            return _alone(ports.events.count(question, inquiry))
        case CheckQuestion():
            return _nothing(ask.source.source.check(inquiry))
        case question:
            raise TypeError(f"{ask.source.id} was asked a {type(question).__name__}, for which it has no port")


async def _alone(item: Awaitable[Item]) -> Sequence[Item]:
    return [await item]


async def _nothing(done: Awaitable[None]) -> Sequence[Item]:
    await done
    return ()
