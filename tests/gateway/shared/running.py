"""Somebody who looks into a Redis server, and what is said about it."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import structlog
from structlog.typing import EventDict, WrappedLogger

from gateway.shared.server import RedisServer


@asynccontextmanager
async def asking(url: str) -> AsyncIterator[RedisServer]:
    """Somebody who looks what is stored."""
    server = RedisServer(url)
    try:
        yield server
    finally:
        await server.close()


class Counts:
    """A meter that remembers which operations failed."""

    def __init__(self) -> None:
        self.failures = Counter[str]()

    def sharing_failed(self, operation: str) -> None:
        self.failures[operation] += 1


class Log:
    """What is logged meanwhile, to wait for."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[EventDict] = asyncio.Queue()

    def __call__(self, logger: WrappedLogger, name: str, line: EventDict) -> EventDict:
        del logger
        self._lines.put_nowait({"level": name, **line})
        raise structlog.DropEvent

    async def next(self) -> EventDict:
        return await self._lines.get()

    @property
    def is_empty(self) -> bool:
        return self._lines.empty()


@contextmanager
def logged() -> Iterator[Log]:
    """The log, until the end of the block."""
    log = Log()
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[log])
    try:
        yield log
    finally:
        structlog.configure(processors=before)
