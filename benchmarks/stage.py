"""Everything that a benchmark needs around it: upstreams that answer as the simulators did, a gateway, a floor."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Generic, TypeVar

from benchmarks.exchanges import Recording
from benchmarks.processes import PYTHON, Process, running
from benchmarks.product import Gateway, serving
from benchmarks.recorder import Recorder
from benchmarks.rounds import Say

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How much is measured."""

    rounds: int
    seconds: float
    """That a round of load takes on each side, about."""
    in_flight: int
    """Calls in flight at a time."""
    events: int
    """Events of a stream, at least."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal(Generic[T]):
    """Calls to a gateway over the simulators, whose exchanges with these are recorded."""

    name: str
    events: int
    """Events that the simulated year holds, about."""
    play: Callable[[Gateway], Awaitable[T]]
    """Makes the calls."""


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
            recorder = Recorder((await sandbox.said())["sources"])
            async with (
                recorder.passing_on() as origins,
                serving(self.folder, recorder.recording.tables, origins) as gateway,
            ):
                seen = await rehearsal.play(gateway)
        file = self.folder / f"{rehearsal.name}.recording"
        recorder.recording.save(file)
        return Rehearsed(recording=recorder.recording, file=file, seen=seen)

    @asynccontextmanager
    async def upstreams(self, rehearsed: Rehearsed[Any]) -> AsyncIterator[dict[str, str]]:
        """The recorded upstreams, served again. Gives their origins, by source."""
        async with running(self.folder, "upstreams", *PYTHON, "benchmarks.upstreams", str(rehearsed.file)) as process:
            yield await process.said()

    @asynccontextmanager
    async def gateway(self, rehearsed: Rehearsed[Any], origins: Mapping[str, str]) -> AsyncIterator[Gateway]:
        """A new gateway over these upstreams, which answers as it did in the rehearsal."""
        async with serving(self.folder, rehearsed.recording.tables, origins) as gateway:
            yield gateway

    @asynccontextmanager
    async def floor(self, module: str, *arguments: str) -> AsyncIterator[Floor]:
        """A server of `benchmarks.floors`."""
        async with running(self.folder, module, *PYTHON, f"benchmarks.floors.{module}", *arguments) as process:
            yield Floor(process=process, origin=(await process.said())["origin"])

    def file(self, name: str, content: bytes) -> Path:
        """A file for other processes."""
        path = self.folder / name
        path.write_bytes(content)
        return path


def as_argument(origins: Mapping[str, str]) -> str:
    """Origins for a process's command line."""
    return json.dumps(origins)
