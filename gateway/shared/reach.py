"""Asks a server that may be slow or down, so that nobody notices but those who read the metrics and the log."""

import asyncio
import math
from collections.abc import Callable
from typing import Literal, Protocol

import structlog

from adapters.clock import Clock
from adapters.timeout import Timeout
from gateway.shared.server import OutOfReachError, Server

Operation = Literal["get", "put", "lease", "limit"]
"""What is done for whom, as the metric calls it."""

PAUSE = 3.0
"""Seconds between two looks at a server that is out of reach. A restart takes about that; a look costs next to nothing.
"""

_MOST_FAILURES = 3
"""Failures one after another that take the server out of reach: one or two may be a hiccup, of either side."""

_MOST_UNDER_WAY = 64
"""Operations at a time. More would only stand behind each other, and time out."""

_CONNECTING = 2.0
"""Seconds that a first look may take: name, TCP, TLS and password, for which no operation has the time."""

# Writes, runs a script and tells the time: all that any operation here needs to be allowed.
_LOOK = "redis.call('SET', KEYS[1], '1', 'PX', 1000) return redis.call('TIME')[1]"


class Meter(Protocol):
    """What of a `FederationMeter` is told here."""

    def sharing_failed(self, operation: str) -> None:
        """The server could not be asked in time."""
        ...


class Reach:
    """A server that is either within reach, or not asked at all until it has been seen to answer in time again."""

    def __init__(self, server: Server, *, clock: Clock, timeout: float, meter: Meter, prefix: str) -> None:
        """Ask `server`, and wait for `timeout` seconds at most. `prefix` is what all keys begin with."""
        self._server = server
        self._clock = clock
        self._timeout = timeout
        self._meter = meter
        self._look = ("EVAL", _LOOK, 1, f"{prefix}:look")
        self._is_up = False
        self._failures = 0
        self._failed_at = -math.inf
        self._under_way: set[asyncio.Task[object]] = set()
        self._watching: asyncio.Task[None] | None = None

    @property
    def is_up(self) -> bool:
        """Whether the server is asked at present."""
        return self._is_up

    async def open(self) -> None:
        """Look whether the server is there. If it is not, go on looking beside everything else."""
        why = await self._trouble()
        if why is None:
            self._up()
        else:
            self._down(why)

    async def close(self) -> None:
        """Ask nobody any more, and close the connections."""
        self._is_up = False
        tasks = [*self._under_way, *([self._watching] if self._watching else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._server.close()

    async def ask(
        self, operation: Operation, *command: str | bytes | int, unheard: Callable[[object], None] | None = None
    ) -> object:
        """What the server answers to a command, within the timeout.

        `unheard` is told the answer instead if it comes when whoever asked has left, cancelled or out of time. What is
        under way is not broken off for that: a connection with half an answer in it would be lost.

        Raises:
            OutOfReachError: there is no answer in time. At once, while the server is out of reach.
        """
        try:
            return await self._asked(command, unheard)
        except OutOfReachError:
            self._meter.sharing_failed(operation)
            raise

    async def _asked(self, command: tuple[str | bytes | int, ...], unheard: Callable[[object], None] | None) -> object:
        if not self._is_up:
            raise OutOfReachError("not asked")
        if len(self._under_way) >= _MOST_UNDER_WAY:
            # Those that hang until their connections are given up take all the room: that they do is one failure for
            # each time in which none of them was answered.
            self._failed(self._clock.monotonic() - self._timeout, "no answer in time")
            raise OutOfReachError("not asked")
        started = self._clock.monotonic()
        task = asyncio.create_task(self._server.run(*command))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        try:
            with Timeout(self._clock, started + self._timeout):
                await asyncio.wait([task])
        except TimeoutError:
            if not task.done():
                self._failed(started, "no answer in time")
                raise OutOfReachError("no answer in time") from None
        finally:
            if not task.done():
                task.add_done_callback(lambda late: _tell(late, unheard))
        return self._result(task, started)

    def _result(self, task: asyncio.Task[object], started: float) -> object:
        if task.cancelled():
            raise OutOfReachError("out of reach by now")
        error = task.exception()
        if isinstance(error, OutOfReachError):
            self._failed(started, str(error))
            raise error
        self._failures = 0
        return task.result()

    def _failed(self, started: float, why: str) -> None:
        """Count a failure. Those of operations that were under way together are one."""
        if not self._is_up or started < self._failed_at:
            return
        self._failed_at = self._clock.monotonic()
        self._failures += 1
        if self._failures >= _MOST_FAILURES:
            self._down(why)

    def _up(self) -> None:
        self._is_up = True
        self._failures = 0
        structlog.get_logger().info("sharing_up")

    def _down(self, why: str) -> None:
        self._is_up = False
        structlog.get_logger().warning("sharing_down", why=why)
        for task in self._under_way:
            # Its connection may say nothing for long, and is wanted to look for another one.
            task.cancel()
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Look again and again, until the server answers in time."""
        while True:
            await self._clock.sleep(PAUSE)
            if await self._trouble() is None:
                break
        self._up()

    async def _trouble(self) -> str | None:
        """Why the server can't be used; None if it answers in the time that operations have."""
        # The first look makes the connection; only the second one tells how fast the server is.
        for allowed in (max(_CONNECTING, self._timeout), self._timeout):
            try:
                with Timeout(self._clock, self._clock.monotonic() + allowed):
                    await self._server.run(*self._look)
            except TimeoutError:
                return "no answer in time"
            except OutOfReachError as error:
                return str(error)
        return None


def _tell(late: asyncio.Task[object], unheard: Callable[[object], None] | None) -> None:
    """Pass on an answer that came too late. An error is looked at, or asyncio would complain that nobody did."""
    if not late.cancelled() and late.exception() is None and unheard is not None:
        unheard(late.result())
