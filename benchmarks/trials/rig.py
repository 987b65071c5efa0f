"""The gateway, an upstream of each kind, and Redis: each a process of its own, to be killed and started again."""

import asyncio
import socket
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

from benchmarks.problems import BenchmarkError
from benchmarks.processes import PYTHON, START_SECONDS, Process, running
from benchmarks.product import Gateway, serving

_KINDS = {"crm": "superoffice", "docs": "fluidtopics", "ai": "zylon"}
_HOST = "127.0.0.1"
_LOOK_AGAIN_SECONDS = 0.02


class Service:
    """A process on a port of loopback, always the same one."""

    def __init__(self, folder: Path, name: str, port: int, *command: str) -> None:
        """Nothing is started yet; `command` must listen on `port`."""
        self.name = name
        self.port = port
        self._folder = folder
        self._command = command
        self._stack = AsyncExitStack()
        self._process: Process | None = None

    async def start(self) -> Process:
        """Start it, and wait until somebody listens there."""
        self._process = await self._stack.enter_async_context(running(self._folder, self.name, *self._command))
        async with asyncio.timeout(START_SECONDS):
            while not await _listens(self.port):
                if self._process.inner.returncode is not None:
                    raise self._process.failed("did not start")
                await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        return self._process

    async def kill(self) -> None:
        """End it without a word, as a machine that loses its power."""
        if self._process is None:
            raise BenchmarkError(f"{self.name} does not run")
        self._process.inner.kill()
        await self._process.inner.wait()
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End it, if it still runs."""
        await self._stack.aclose()


class Upstream(Service):
    """A simulator of one kind."""

    def __init__(self, folder: Path, source: str, *, events: int) -> None:
        """Play the upstream of the source of this id; `events`: how many its year holds, about."""
        self.source = source
        kind, port = _KINDS[source], _free_port()
        super().__init__(
            folder, kind, port, *PYTHON, "gateway", "sandbox", f"--{kind}-port", str(port), "--events", str(events)
        )
        self.table: Mapping[str, Any] = {}

    @property
    def origin(self) -> str:
        """`http://HOST:PORT`."""
        return f"http://{_HOST}:{self.port}"

    async def start(self) -> Process:
        """Start it, and learn how it wants to be spoken to."""
        process = await super().start()
        self.table = (await process.said())["sources"][self.source]
        return process

    async def fail(self, session: aiohttp.ClientSession, fault: Mapping[str, Any] | None) -> None:
        """Let every answer fail so from now on; None: none any more."""
        faults = [] if fault is None else [fault]
        async with session.put(f"{self.origin}/_simulator", json={"faults": faults}) as response:
            response.raise_for_status()

    async def asked(self, session: aiohttp.ClientSession) -> int:
        """Requests that have come so far."""
        async with session.get(f"{self.origin}/_simulator") as response:
            state = await response.json()
        return int(state["requests"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """All of it, running."""

    gateway: Gateway
    upstreams: Mapping[str, Upstream]
    """By the id of the source."""
    redis: Service | None = field(default=None)


@asynccontextmanager
async def rig(folder: Path, *, events: int, with_redis: bool = False, settings: str = "") -> AsyncIterator[Rig]:
    """Start everything. `settings` is TOML, added to the gateway's configuration, which has its defaults else."""
    async with AsyncExitStack() as stack:
        upstreams = {source: Upstream(folder, source, events=events) for source in _KINDS}
        for upstream in upstreams.values():
            await stack.enter_async_context(upstream)
        redis = None
        if with_redis:
            redis = await stack.enter_async_context(_redis(folder))
            settings += f'\n[cache]\nredis_url = "redis://{_HOST}:{redis.port}/0"\n'
        tables = {source: upstream.table for source, upstream in upstreams.items()}
        origins = {source: upstream.origin for source, upstream in upstreams.items()}
        gateway = await stack.enter_async_context(serving(folder, tables, origins, settings))
        yield Rig(gateway=gateway, upstreams=upstreams, redis=redis)


def _redis(folder: Path) -> Service:
    port = _free_port()
    options = ("--bind", _HOST, "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder))
    # What it prints, nobody reads.
    return Service(folder, "redis", port, "redis-server", *options, "--logfile", str(folder / "redis.out"))


def _free_port() -> int:
    """One that nobody listens on now. It is asked for by number, so that a service can come back to it."""
    with socket.create_server((_HOST, 0)) as server:
        return int(server.getsockname()[1])


async def _listens(port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(_HOST, port)
    except OSError:
        return False
    writer.close()
    return True
