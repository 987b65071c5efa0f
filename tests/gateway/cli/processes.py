"""The command line as users run it: a process of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("ANALYTICS_GATEWAY_")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """What a process left behind."""

    code: int
    out: str
    err: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A process at work."""

    process: asyncio.subprocess.Process

    async def event(self, name: str) -> Mapping[str, Any]:
        """The next line of the log with this event."""
        assert self.process.stderr is not None
        return await next_event(self.process.stderr, name)

    async def line(self) -> str:
        """The next line on standard output."""
        assert self.process.stdout is not None
        return (await self.process.stdout.readline()).decode()

    async def stop(self) -> int:
        """Ask it to stop, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        await self.process.communicate()
        return self.process.returncode or 0


@asynccontextmanager
async def started(*arguments: str, environ: Mapping[str, str] | None = None) -> AsyncIterator[Started]:
    """`analytics-gateway` with these arguments, killed at the end if it still runs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gateway",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**ENVIRONMENT, **(environ or {})},
    )
    try:
        yield Started(process=process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def run(*arguments: str, environ: Mapping[str, str] | None = None) -> Ended:
    """The same, until it ends by itself."""
    async with started(*arguments, environ=environ) as running:
        out, err = await running.process.communicate()
        return Ended(code=running.process.returncode or 0, out=out.decode(), err=err.decode())


async def next_event(log: asyncio.StreamReader, name: str) -> Mapping[str, Any]:
    """The next line of a gateway's log with this event."""
    async for line in log:
        entry: dict[str, Any] = json.loads(line)
        if entry["event"] == name:
            return entry
    raise AssertionError(f"it ended without the event {name!r}")
