"""Load from h2load, which speaks HTTP/1.1 and HTTP/2 and says of each request how long it took.

h2load knows nothing of gRPC: a call that failed is a success to it, as its HTTP status is 200. What the calls came to
is checked elsewhere.
"""

import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.problems import BenchmarkError
from benchmarks.processes import output

TOOL = "h2load"
LONGEST_RUN = 120.0
"""Seconds that one run of a load may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One run of a load, in which every request was answered with 2xx."""

    requests: int
    rate: float
    body_bytes: int
    p50_ms: float
    p99_ms: float


class Load(Protocol):
    """Whom to ask what, and how many at a time."""

    @property
    def in_flight(self) -> int:
        """Requests in flight in all."""
        ...

    @property
    def connections(self) -> int:
        """Over which they go."""
        ...

    async def fire(self, folder: Path, requests: int) -> Shot:
        """Send so many requests, a multiple of `in_flight`; files may be written to the folder.

        Raises:
            BenchmarkError: not every one of them was answered with 2xx.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A load of h2load's: the same request again and again."""

    url: str
    connections: int
    streams: int = 1
    """Requests in flight on each connection. More than one needs HTTP/2."""
    is_http1: bool = False
    headers: tuple[str, ...] = ()
    """Such as `te: trailers`."""
    body: Path | None = None
    """A file; with it the request is a POST."""

    @property
    def in_flight(self) -> int:
        """Requests in flight in all."""
        return self.connections * self.streams

    def command(self, requests: int, log: Path) -> tuple[str, ...]:
        """The command that sends so many requests, and notes each in a file."""
        return (
            TOOL,
            *(("--h1",) if self.is_http1 else ()),
            *("-c", str(self.connections), "-m", str(self.streams), "-n", str(requests), f"--log-file={log}"),
            *(part for header in self.headers for part in ("-H", header)),
            *(() if self.body is None else ("-d", str(self.body))),
            self.url,
        )

    async def fire(self, folder: Path, requests: int) -> Shot:
        """As `Load.fire`."""
        log = folder / "h2load.tsv"
        log.unlink(missing_ok=True)
        summary = read_summary(await output(folder, TOOL, *self.command(requests, log), seconds=LONGEST_RUN))
        times = read_times(log.read_text("utf-8"))
        if not requests == summary.succeeded == len(times):
            raise BenchmarkError(f"{self.url}: of {requests} requests {summary.succeeded} were answered with 2xx")
        return Shot(
            requests=requests,
            rate=summary.rate,
            body_bytes=summary.body_bytes,
            p50_ms=percentile(times, 50),
            p99_ms=percentile(times, 99),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What h2load prints in the end."""

    rate: float
    """Requests per second."""
    succeeded: int
    """With an HTTP status of 2xx."""
    body_bytes: int
    """Of all answers together, without headers."""


def require_tool() -> None:
    """Raise BenchmarkError if h2load is not installed."""
    if shutil.which(TOOL) is None:
        raise BenchmarkError(f"{TOOL} is needed for the load; on Debian and Ubuntu: apt-get install nghttp2-client")


def read_summary(text: str) -> Summary:
    """Read what h2load prints.

    Raises:
        BenchmarkError: it says something else.
    """
    rate = re.search(r"^finished in .*?, ([\d.]+) req/s", text, re.MULTILINE)
    succeeded = re.search(r"^status codes: (\d+) 2xx", text, re.MULTILINE)
    body = re.search(r"^traffic: .*\((\d+)\) data", text, re.MULTILINE)
    if rate is None or succeeded is None or body is None:
        raise BenchmarkError(f"{TOOL} did not say what came of its requests: {' '.join(text.split())[-300:]}")
    return Summary(rate=float(rate[1]), succeeded=int(succeeded[1]), body_bytes=int(body[1]))


def read_times(log: str) -> list[float]:
    """Milliseconds of each request that was answered with 2xx, sorted, from h2load's log.

    A line has the time of its start, its HTTP status and its microseconds (h2load(1), `--log-file`).
    """
    rows = (line.split() for line in log.splitlines())
    return sorted(int(microseconds) / 1000 for _, status, microseconds in rows if status.startswith("2"))


def percentile(ordered: Sequence[float], percent: int) -> float:
    """The smallest of the values, which are sorted, that `percent` of them do not exceed. There is at least one."""
    rank = -(-len(ordered) * percent // 100)
    return ordered[max(0, rank - 1)]
