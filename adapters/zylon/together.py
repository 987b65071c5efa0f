"""Several questions to one upstream at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from adapters.errors import SourceError

K = TypeVar("K")
T = TypeVar("T")


async def ask_all(keys: Iterable[K], ask: Callable[[K], Awaitable[T]]) -> tuple[dict[K, T], dict[K, SourceError]]:
    """The answers by key, and the failures by key. If the caller is cancelled, all that is under way is too."""

    async def attempt(key: K) -> T | SourceError:
        try:
            return await ask(key)
        except SourceError as error:
            return error

    async with asyncio.TaskGroup() as group:
        tasks = {key: group.create_task(attempt(key)) for key in keys}
    results = {key: task.result() for key, task in tasks.items()}
    failures = {key: result for key, result in results.items() if isinstance(result, SourceError)}
    return {key: result for key, result in results.items() if not isinstance(result, SourceError)}, failures
