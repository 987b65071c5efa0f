"""Work that a test begins, holds and ends, and what asyncio has to say about it."""

import asyncio
import gc
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Generic, TypeVar

T = TypeVar("T")


class Work(Generic[T]):
    """Comes to what `end` says, once it does. Each round of it is held anew."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self._begins = asyncio.Event()
        self._outcome: asyncio.Future[T] | None = None

    async def __call__(self) -> T:
        """One round."""
        self.begun += 1
        self._outcome = asyncio.get_running_loop().create_future()
        self._begins.set()
        try:
            return await self._outcome
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    async def under_way(self) -> None:
        """Return when a round has begun. Whoever was about to join it by then has done so."""
        await self._begins.wait()
        self._begins.clear()

    def end(self, outcome: T | Exception) -> None:
        """End the round under way."""
        assert self._outcome is not None
        if isinstance(outcome, Exception):
            self._outcome.set_exception(outcome)
        else:
            self._outcome.set_result(outcome)


@asynccontextmanager
async def no_complaints() -> AsyncGenerator[None]:
    """Inside, asyncio finds nothing to complain about, such as an exception that nobody has seen."""
    loop = asyncio.get_running_loop()
    said: list[str] = []
    loop.set_exception_handler(lambda _, context: said.append(context["message"]))
    try:
        yield
        # Until its next turn, the loop holds on to what has woken us.
        await asyncio.sleep(0)
        gc.collect()
    finally:
        loop.set_exception_handler(None)
    assert said == []
