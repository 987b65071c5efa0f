"""Walks over the events of several sources at once, page by page, no faster than they are used."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime

from adapters.errors import UpstreamTimeoutError
from adapters.inquiry import Inquiry
from adapters.ports import EventsPage, EventsSource
from adapters.query import EventsQuestion
from gateway.federation.asking import Put
from gateway.federation.asks import Ask
from gateway.federation.observation import Item, Observation

Observe = Callable[[Ask, Put], Coroutine[None, None, Observation]]
"""Puts a question in the way given, and raises only if it is cancelled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A page of one source."""

    source: str
    page: EventsPage
    observe_time: datetime | None
    """When the upstream last answered, for this page or one read ahead."""
    used: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the reader comes back for more: only then does the source go on."""


class ReaderTooSlowError(UpstreamTimeoutError):
    """The call's time was up while a page waited for its reader: the source has answered, and would have gone on."""


async def walk(asks: Sequence[Ask], observe: Observe) -> AsyncGenerator[Arrival | Observation]:
    """Each source's pages, in the order in which they come, and behind them its observation.

    Of each source, one page at most waits here; how far it reads ahead behind that is its own affair. Close it
    (`aclosing`) to stop: all walks are closed then.
    """
    arrivals: asyncio.Queue[Arrival | Observation | Exception] = asyncio.Queue()
    walks = [asyncio.create_task(_walk_one(ask, observe, arrivals.put)) for ask in asks]
    try:
        unfinished = len(walks)
        while unfinished:
            arrival = await arrivals.get()
            if isinstance(arrival, Exception):
                raise arrival
            yield arrival
            if isinstance(arrival, Arrival):
                arrival.used.set()
            else:
                unfinished -= 1
    finally:
        for task in walks:
            task.cancel()
        await asyncio.gather(*walks, return_exceptions=True)


async def _walk_one(
    ask: Ask, observe: Observe, arrive: Callable[[Arrival | Observation | Exception], Awaitable[None]]
) -> None:
    """One source's walk, whole in one task: its generator may hold a timeout or a task group across its pages.

    Whatever becomes of it arrives, a fault of ours too: the reader would otherwise wait for ever.
    """

    async def pages(ask: Ask, inquiry: Inquiry) -> Sequence[Item]:
        async with aclosing(_open(ask, inquiry)) as found:
            async for page in found:
                arrival = Arrival(source=ask.source.id, page=page, observe_time=inquiry.observe_time)
                await arrive(arrival)
                await _until_used(arrival, inquiry)
        return ()

    try:
        seen: Observation | Exception = await observe(ask, pages)
    except Exception as fault:  # noqa: BLE001 - the reader raises it
        seen = fault
    await arrive(seen)


async def _until_used(arrival: Arrival, inquiry: Inquiry) -> None:
    try:
        await arrival.used.wait()
    except asyncio.CancelledError:
        if inquiry.remaining() > 0:
            raise
        message = "The call's time was up before all events had been read; read faster, or allow the call more."
        raise ReaderTooSlowError(message) from None


def _open(ask: Ask, inquiry: Inquiry) -> AsyncGenerator[EventsPage]:
    source, question = ask.source.source, ask.question
    if not isinstance(source, EventsSource) or not isinstance(question, EventsQuestion):
        raise TypeError(f"{ask.source.id} was asked for events, which it does not have")
    return source.walk(question, inquiry)
