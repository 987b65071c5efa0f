"""Writes that nobody waits for: one after another, in their order, and no more than there is room for."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from adapters.clock import Clock
from adapters.timeout import Timeout
from gateway.shared.server import OutOfReachError

_MOST_WRITES = 256
_MOST_BYTES = 16 * 1024 * 1024
"""Together some seconds of a busy replica. What finds no room is not shared: another replica asks for itself."""


@dataclass(frozen=True, slots=True)
class _Write:
    size: int
    do: Callable[[], Awaitable[object]]


class Writer:
    """A queue of writes and the task that does them."""

    def __init__(self, clock: Clock) -> None:
        """Begin with none."""
        self._clock = clock
        self._queue: deque[_Write] = deque()
        self._size = 0
        self._task: asyncio.Task[None] | None = None

    def add(self, do: Callable[[], Awaitable[object]], *, size: int = 0) -> bool:
        """Do it later; it raises nothing but `OutOfReachError`. Whether there is room for it, and its bytes."""
        if len(self._queue) >= _MOST_WRITES or self._size + size > _MOST_BYTES:
            return False
        self._queue.append(_Write(size, do))
        self._size += size
        if self._task is None:
            self._task = asyncio.create_task(self._work())
        return True

    async def close(self, within: float) -> None:
        """Do what is left, if it takes no longer than so many seconds."""
        task = self._task
        if task is None:
            return
        with suppress(TimeoutError), Timeout(self._clock, self._clock.monotonic() + within):
            await asyncio.wait([task])
        task.cancel()
        await asyncio.wait([task])

    async def _work(self) -> None:
        """Until nothing is left: whoever adds something then, begins anew."""
        try:
            while self._queue:
                write = self._queue.popleft()
                self._size -= write.size
                with suppress(OutOfReachError):
                    await write.do()
        finally:
            self._task = None
