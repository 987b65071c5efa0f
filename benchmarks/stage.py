"""Everything that a benchmark needs around it: upstreams that answer as the simulators did, a gateway, a floor."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from benchmarks.exchanges import Recording
from benchmarks.processes import PYTHON, Process, running
from benchmarks.product import Gateway, Tables, replicas, serving
from benchmarks.recorder import Recorder
from benchmarks.rounds import Say

T = TypeVar("T")

LIMITS = {"rate": 100_000, "burst": 10_000, "concurrency": 1_000, "queue": 10_000}
"""Of each source: far more than a run asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much is measured."""

    rounds: int
    seconds: float
    """That a round of load takes on each side, about."""
    in_flight: int
    """Calls in flight at a time."""
    events: int
    """Events of a stream, about, and at least."""
    streams: int
    """Turns of each side where a turn is a whole stream."""


def as_they_are(tables: Tables) -> Tables:
    """The sandbox's sources, all three."""
    return tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal(Generic[T]):
    """Calls to a gateway over the simulators, whose exchanges with these are recorded."""

    name: str
    events: int
    """Events that the simulated year holds, about."""
    play: Callable[[Gateway, Recorder], Awaitable[T]]
    """Makes the calls."""
    arranged: Callable[[Tables], Tables] = as_they_are
    """The sources, of the sandbox's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsed(Generic[T]):
    """What came of a rehearsal."""

    recording: Recording
    file: Path
    """Where the recording is kept, for other processes."""
    seen: T
    """What `play` gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A bare server that runs."""

    process: Process
    origin: str
    """`http://HOST:PORT`"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where benchmarks run, one after the other."""

    folder: Path
    """For files of the run; somebody else removes it."""
    pace: Pace
    say: Say
    today: datetime = field(
        default_factory=lambda: datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    )
    """The midnight at which the day of the run began. Windows end here: they are over, and midnight may pass."""
    _rehearsed: dict[str, Rehearsed[Any]] = field(default_factory=dict)

    async def rehearsed(self, rehearsal: Rehearsal[T]) -> Rehearsed[T]:
        """The recording of a rehearsal, which is made once."""
        if rehearsal.name not in self._rehearsed:
            self.say(f"recording what the simulators answer: {rehearsal.name}")
            self._rehearsed[rehearsal.name] = await self._rehearse(rehearsal)
        return self._rehearsed[rehearsal.name]

    async def _rehearse(self, rehearsal: Rehearsal[T]) -> Rehearsed[T]:
        simulators = (*PYTHON, "gateway", "sandbox", "--events", str(rehearsal.events))
        async with running(self.folder, "sandbox", *simulators) as sandbox:
            recorder = Recorder(rehearsal.arranged((await sandbox.said())["sources"]))
            async with (
                recorder.passing_on() as origins,
                serving(self.folder, unbounded(recorder.recording.tables), origins) as gateway,
            ):
                seen = await rehearsal.play(gateway, recorder)
        file = self.folder / f"{rehearsal.name}.recording"
        recorder.recording.save(file)
        return Rehearsed(recording=recorder.recording, file=file, seen=seen)

    @asynccontextmanager
    async def upstreams(
        self, rehearsed: Rehearsed[Any], delays: Mapping[str, float] = MappingProxyType({})
    ) -> AsyncIterator[dict[str, str]]:
        """The recorded upstreams, served again, after so many seconds by source. Gives their origins, by source."""
        arguments = (str(rehearsed.file), as_argument(delays))
        async with running(self.folder, "upstreams", *PYTHON, "benchmarks.upstreams", *arguments) as process:
            yield await process.said()

    @asynccontextmanager
    async def gateway(self, rehearsed: Rehearsed[Any], origins: Mapping[str, str]) -> AsyncIterator[Gateway]:
        """A new gateway over these upstreams, which answers as it did in the rehearsal."""
        async with serving(self.folder, unbounded(rehearsed.recording.tables), origins) as gateway:
            yield gateway

    @asynccontextmanager
    async def replicas(
        self, rehearsed: Rehearsed[Any], origins: Mapping[str, str], count: int
    ) -> AsyncIterator[Sequence[Gateway]]:
        """So many of them, on the same ports."""
        async with replicas(self.folder, unbounded(rehearsed.recording.tables), origins, count) as gateways:
            yield gateways

    @asynccontextmanager
    async def floor(self, module: str, *arguments: str, loop: str = "asyncio") -> AsyncIterator[Floor]:
        """A server of `benchmarks.floors`, on asyncio's own event loop unless told otherwise."""
        async with self._server(f"benchmarks.floors.{module}", loop, *arguments) as floor:
            yield floor

    @asynccontextmanager
    async def rival(self, module: str, *arguments: str) -> AsyncIterator[Floor]:
        """A server of `benchmarks.rivals`."""
        async with self._server(f"benchmarks.rivals.{module}", *arguments) as rival:
            yield rival

    @asynccontextmanager
    async def _server(self, module: str, *arguments: str) -> AsyncIterator[Floor]:
        async with running(self.folder, module.rpartition(".")[2], *PYTHON, module, *arguments) as process:
            yield Floor(process=process, origin=(await process.said())["origin"])

    def file(self, name: str, content: bytes) -> Path:
        """A file for other processes."""
        path = self.folder / name
        path.write_bytes(content)
        return path


def unbounded(tables: Tables) -> dict[str, dict[str, Any]]:
    """The tables, with limits that no run comes near: the default ones would be all that is measured."""
    return {source: {**table, "limits": LIMITS} for source, table in tables.items()}


def as_argument(by_source: Mapping[str, object]) -> str:
    """Something told by source, for a process's command line."""
    return json.dumps(dict(by_source))
