"""Work that many want at once and that is done once."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(slots=True)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    waiting: int = 0


class SingleFlight(Generic[T]):
    """One piece of work at a time, however many want what it comes to."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, T]]) -> None:
        """Do `work` once for all who join while it is under way."""
        self._work = work
        self._flight: _Flight[T] | None = None

    async def join(self) -> T:
        """What the work under way comes to; where there is none, it is begun.

        Who leaves before the end, cancelled or out of time, does not disturb the others. The last one who leaves
        cancels the work, and has seen it end before `join` does: nothing is left behind.

        Raises:
            Exception: whatever the work has raised, the same for all.
        """
        flight = self._flight = self._under_way() or _Flight(asyncio.create_task(self._work()))
        flight.waiting += 1
        try:
            await asyncio.wait([flight.task])
        finally:
            flight.waiting -= 1
            if not flight.waiting:
                await self._end(flight)
        if flight.task.cancelled():
            # A CancelledError would tell those who wait that they themselves were cancelled.
            raise RuntimeError("the work was cancelled by somebody else than those who wait for it")
        return flight.task.result()

    def _under_way(self) -> _Flight[T] | None:
        return self._flight if self._flight is not None and not self._flight.task.done() else None

    async def _end(self, flight: _Flight[T]) -> None:
        """Nobody waits any more."""
        if self._flight is flight:
            # Who comes from now on begins anew, also while this one is still on its way out.
            self._flight = None
        if not flight.task.done():
            flight.task.cancel()
            flight.task.add_done_callback(_retrieve)
            await asyncio.wait([flight.task])


def _retrieve(task: asyncio.Task[T]) -> None:
    """Look at how it ended, which nobody else does any more; asyncio would complain about an unseen exception."""
    if not task.cancelled():
        task.exception()
