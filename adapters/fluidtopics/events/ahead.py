"""Reads ahead of whoever uses what is read."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TypeVar

T = TypeVar("T")


async def read_ahead(items: AsyncGenerator[T], bound: int) -> AsyncGenerator[T]:
    """The same items, of which up to `bound` are fetched while the present one is used.

    A reader who is slow, or stops, stops the fetching. An error comes in its place, after the items before it. Takes
    `items` over: they are closed when this is.
    """
    if bound == 0:
        async with aclosing(items):
            async for unhurried in items:
                yield unhurried
        return
    ready: asyncio.Queue[T | None] = asyncio.Queue()
    room = asyncio.Semaphore(bound)
    filling = asyncio.create_task(_fill(items, ready, room))
    try:
        while (item := await ready.get()) is not None:
            room.release()
            yield item
        await filling
    finally:
        filling.cancel()
        # Its error, if any, has been raised above, or nobody is left to hear it.
        await asyncio.gather(filling, return_exceptions=True)


async def _fill(items: AsyncGenerator[T], ready: asyncio.Queue[T | None], room: asyncio.Semaphore) -> None:
    """Put the items into the queue while there is room, then None; also before an error, which stays in the task."""
    try:
        async with aclosing(items):
            while True:
                await room.acquire()
                ready.put_nowait(await anext(items))
    except StopAsyncIteration:
        return
    finally:
        ready.put_nowait(None)
