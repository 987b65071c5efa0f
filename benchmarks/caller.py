"""Many callers at once, each with a question and a connection of its own, as a process of its own.

`python -m benchmarks.caller JOB` asks as the file says, and tells what came of it as a line of JSON. h2load lets all
connections ask the same at the same time, which a gateway would answer with one request to its upstreams.
"""

import asyncio
import gc
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from benchmarks.load import percentile
from benchmarks.serving import Sleep

_LENGTH = b"content-length:"


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What to ask."""

    host: str
    port: int
    paths: list[str]
    """One for each caller, with its query."""
    requests: int
    """That each caller makes, one after the other."""
    spread: float
    """Seconds over which the callers begin, evenly: those that begin together stay together."""


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """What came of it. All were answered with 200."""

    rate: float
    """Requests per second, while all callers were at it."""
    body_bytes: int
    """Of all answers together."""
    p50_ms: float
    p99_ms: float


class CallFailedError(Exception):
    """An answer was not 200, or of no told length. The text begins with its first line."""


async def ask(job: Job, sleep: Sleep = asyncio.sleep) -> Told:
    """Let all callers ask; `sleep` waits until each is to begin.

    Raises:
        CallFailedError: one of them was not answered as it should.
    """
    started = time.perf_counter()
    times: list[float] = []
    sizes = await asyncio.gather(*(_call(job, number, times, sleep) for number in range(len(job.paths))))
    took = time.perf_counter() - started
    # Each caller is at it for the same time, and begins so much after the first as it ends after it.
    lasted = took - job.spread * (len(job.paths) - 1) / len(job.paths)
    times.sort()
    return Told(
        rate=len(times) / lasted, body_bytes=sum(sizes), p50_ms=percentile(times, 50), p99_ms=percentile(times, 99)
    )


async def _call(job: Job, number: int, times: list[float], sleep: Sleep) -> int:
    """Ask what this caller asks, and note the milliseconds of each request. Gives the bytes of all bodies."""
    request = f"GET {job.paths[number]} HTTP/1.1\r\nHost: {job.host}:{job.port}\r\n\r\n".encode()
    reader, writer = await asyncio.open_connection(job.host, job.port)
    size = 0
    try:
        await sleep(job.spread * number / len(job.paths))
        for _ in range(job.requests):
            began = time.perf_counter()
            writer.write(request)
            size += len(await reader.readexactly(length_of(await reader.readuntil(b"\r\n\r\n"))))
            times.append((time.perf_counter() - began) * 1000)
    finally:
        writer.close()
        await writer.wait_closed()
    return size


def length_of(head: bytes) -> int:
    """The length of the body that follows a head.

    Raises:
        CallFailedError: its status is not 200, or it tells no length.
    """
    first, *lines = head.splitlines()
    lengths: Sequence[bytes] = [line[len(_LENGTH) :] for line in lines if line.lower().startswith(_LENGTH)]
    if b" 200 " not in first or len(lengths) != 1:
        raise CallFailedError(f"{first.decode('latin-1')}, with {len(lengths)} Content-Length")
    return int(lengths[0])


def main() -> None:
    """Run by the command line."""
    job = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=Job)
    # A collection in here would be taken for a pause of whoever is asked.
    gc.disable()
    sys.stdout.buffer.write(msgspec.json.encode(asyncio.run(ask(job))) + b"\n")


if __name__ == "__main__":
    main()
