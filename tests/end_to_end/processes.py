"""Programs, run as processes: the gateway's own commands, and those of others."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.end_to_end.serving import Json

COMMAND = Path(sys.executable).parent / "analytics-gateway"
ANY_PORTS = ("--grpc-address", "127.0.0.1:0", "--rest-address", "127.0.0.1:0")

Process = asyncio.subprocess.Process


@asynccontextmanager
async def command(*arguments: str) -> AsyncIterator[Process]:
    """A command that runs, and is killed in the end if it has not ended by itself."""
    process = await asyncio.create_subprocess_exec(
        str(COMMAND), *arguments, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, env=_environment()
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@asynccontextmanager
async def sandbox(events: int) -> AsyncIterator[dict[str, Json]]:
    """The simulators alone, with so many events, about; gives the tables `[sources.<id>]`."""
    async with command("sandbox", "--events", str(events)) as process:
        assert process.stdout
        sources: dict[str, Json] = json.loads(await process.stdout.readline())["sources"]
        yield sources


async def output_of(*program: str, given: bytes = b"", folder: Path | None = None) -> str:
    """What a program writes that is given this to read. Its failure is the test's, with all that it said."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder)
    try:
        written, complaint = await process.communicate(given)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert 0 == process.returncode, written.decode() + complaint.decode()
    return written.decode()


async def ready(process: Process) -> Json:
    """The log line of a gateway that listens."""
    assert process.stderr
    while line := await process.stderr.readline():
        event: Json = json.loads(line)
        if event["event"] == "ready":
            return event
    raise AssertionError("the gateway ended before it was ready")


async def stop(process: Process) -> int:
    """Tell a process to stop, and wait for its exit code."""
    process.send_signal(signal.SIGTERM)
    _, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode


def to_toml(sources: Mapping[str, Json]) -> str:
    """A configuration of sources: of JSON's literals, those used here mean the same in TOML."""
    lines = [line for id_, table in sources.items() for line in (f"[sources.{id_}]", *_lines(table), "")]
    return "\n".join(lines)


def _lines(table: Json) -> list[str]:
    flat = {
        (f"{key}.{inner}" if isinstance(value, dict) else key): member
        for key, value in table.items()
        for inner, member in (value.items() if isinstance(value, dict) else [("", value)])
    }
    return [f"{key} = {json.dumps(value)}" for key, value in flat.items()]


def _environment() -> dict[str, str]:
    """Ours, without what would configure the gateway."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ANALYTICS_GATEWAY_")}
