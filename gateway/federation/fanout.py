"""Asks many at once, and leaves no one behind."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable

from gateway.federation.asks import Ask
from gateway.federation.observation import Observation

AskOne = Callable[[Ask], Coroutine[None, None, Observation]]
"""Bounds the time, and raises only if it is cancelled: nobody's failure is another's."""


async def fan_out(asks: Iterable[Ask], ask_one: AskOne) -> list[Observation]:
    """Ask all at once, and tell what came of each, in their order. Cancelled, it cancels them all and awaits them."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(ask_one(ask)) for ask in asks]
    return [task.result() for task in tasks]
