"""A gateway to be fuzzed, and the program that does it."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.simulation import create_world
from tests.end_to_end.serving import Gateway, serving, tables
from tests.running import StoppedClock, Upstreams

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PROGRAM = Path(sys.executable).parent / "schemathesis"

EVENTS = 300
"""Of the simulated year: few enough that each stream of them ends soon, enough for more than one page."""


@asynccontextmanager
async def target() -> AsyncIterator[Gateway]:
    """A gateway over healthy simulators that hold the same every time."""
    upstreams = Upstreams(world=create_world(seed=1, clock=StoppedClock(), events=EVENTS))
    try:
        async with serving(await tables(upstreams)) as gateway:
            yield gateway
    finally:
        await upstreams.close()


@asynccontextmanager
async def schemathesis(
    gateway: Gateway, *options: str, output: int | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """The program, at work, in a process of its own: pytest need not load it, nor mind its settings and warnings."""
    process = await asyncio.create_subprocess_exec(
        str(PROGRAM),
        *("--config-file", str(HERE / "schemathesis.toml")),
        *("run", f"{gateway.url}/openapi.json", *options),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},  # where the configuration finds its hooks
        stdout=output,
        stderr=output,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
