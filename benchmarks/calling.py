"""A load in which each caller has a question of its own, so that none of them can be answered with another's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from yarl import URL

from benchmarks.caller import Job, Told
from benchmarks.load import LONGEST_RUN, Shot
from benchmarks.processes import PYTHON, output


@dataclass(frozen=True, slots=True, kw_only=True)
class Callers:
    """A load as `benchmarks.load.Load`: GETs over HTTP/1.1."""

    origin: str
    """`http://HOST:PORT`"""
    paths: Sequence[str]
    """What each caller asks, with the query."""
    spread: float = 0.0
    """Seconds over which the callers begin, evenly."""

    @property
    def in_flight(self) -> int:
        """One for each caller."""
        return len(self.paths)

    @property
    def connections(self) -> int:
        """One for each caller."""
        return len(self.paths)

    async def fire(self, folder: Path, requests: int) -> Shot:
        """As `benchmarks.load.Load.fire`."""
        origin = URL(self.origin)
        job = Job(
            host=origin.host or "",
            port=origin.port or 0,
            paths=list(self.paths),
            requests=requests // len(self.paths),
            spread=self.spread,
        )
        file = folder / "job.json"
        file.write_bytes(msgspec.json.encode(job))
        told = msgspec.json.decode(
            await output(folder, "caller", *PYTHON, "benchmarks.caller", str(file), seconds=LONGEST_RUN), type=Told
        )
        return Shot(
            requests=job.requests * len(self.paths),
            rate=told.rate,
            body_bytes=told.body_bytes,
            p50_ms=told.p50_ms,
            p99_ms=told.p99_ms,
        )
