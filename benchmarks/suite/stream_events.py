"""`StreamEvents` over gRPC, beside decoding the same pages with msgspec and building the messages, in one process."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

from benchmarks.floors import decoding
from benchmarks.goals import LessGrowth, ShareOfFloor
from benchmarks.problems import BenchmarkError
from benchmarks.processes import PYTHON, output
from benchmarks.product import Gateway
from benchmarks.recorder import Recorder
from benchmarks.report import Comparison
from benchmarks.rounds import Memory, Turn, alternate
from benchmarks.stage import Rehearsal, Rehearsed, Stage
from benchmarks.suite.benchmark import Benchmark

_DAYS = timedelta(days=364)
"""Within the year that Fluid Topics keeps."""
_WARM_UP = timedelta(days=14)
_SPARE = 1.02
"""The simulated year is a little longer than the window, and holds its events about."""
_LONGEST_PASS = 300.0


@dataclass(slots=True, kw_only=True)
class Reading:
    """The gateway, streamed from by a process of its own. A side of a comparison."""

    name: str = "gateway"
    stage: Stage
    gateway: Gateway
    source: str
    """Whose events they are."""
    events: int
    """That the stream holds."""
    settled_mib: float = field(default=0.0, init=False)
    """Memory that the gateway occupied when it was warm."""

    async def warm_up(self) -> None:
        """A small part of the stream: what the whole one takes up beyond that is growth."""
        await read(self.stage, self.gateway, _WARM_UP)
        self.settled_mib = self.gateway.process.resident_mib()

    async def turn(self) -> Turn:
        """One whole stream."""
        before = self.gateway.process.cpu_seconds()
        async with self.gateway.counting({"StreamEvents grpc OK": 1, f"{self.source} events answered": 1}):
            told = await read(self.stage, self.gateway, _DAYS)
        if told["events"] != self.events:
            raise BenchmarkError(f"the stream held {told['events']} events, not {self.events}")
        cpu = self.gateway.process.cpu_seconds() - before
        return Turn(rate=told["events"] / told["seconds"], cpu_ms=cpu / told["events"] * 1000)

    def memory(self) -> Memory:
        """What the gateway has used."""
        return self.gateway.process.memory_since(self.settled_mib)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoding:
    """The floor. A side of a comparison."""

    name: str = "floor: msgspec decodes the same pages, the messages are built"
    stage: Stage
    rehearsed: Rehearsed[dict[str, Any]]

    async def warm_up(self) -> None:
        """Each turn warms itself up."""

    async def turn(self) -> Turn:
        """One pass over all pages."""
        told = await decode(self.stage, self.rehearsed)
        return Turn(rate=told["events"] / told["seconds"], cpu_ms=told["cpu_seconds"] / told["events"] * 1000)

    def memory(self) -> None:
        """Each turn has a process of its own."""


async def measure(stage: Stage) -> Sequence[Comparison]:
    """Measure it."""
    rehearsed = await stage.rehearsed(
        Rehearsal(
            name="stream-events",
            events=round(stage.pace.events * _SPARE),
            play=partial(rehearse, stage),
        )
    )
    async with stage.upstreams(rehearsed) as origins, stage.gateway(rehearsed, origins) as gateway:
        source = rehearsed.recording.exchanges[0].source
        reading = Reading(stage=stage, gateway=gateway, source=source, events=rehearsed.seen["events"])
        floor, result = await alternate(
            [Decoding(stage=stage, rehearsed=rehearsed), reading], stage.pace.streams, stage.say
        )
        stage.say("comparing the events, one by one")
        told = await read(stage, gateway, _DAYS, "--digest")
        if told["digest"] != (await decode(stage, rehearsed, "--digest"))["digest"]:
            raise BenchmarkError("the floor builds other events than the gateway sends")
    return [
        Comparison(
            work="StreamEvents over gRPC",
            about=(
                f"{rehearsed.seen['events']:,} events in {rehearsed.seen['bytes'] / 2**20:,.0f} MiB of messages, read "
                "by a client that does not decode them, as fast as it can. The floor has all pages in memory, and no "
                f"network. Growth is beyond what a stream of {_WARM_UP.days} days of them took."
            ),
            unit="event",
            load="1 stream",
            floor=floor,
            others=[result],
            goals=[ShareOfFloor(least=0.5), LessGrowth(mib=60)],
        )
    ]


async def rehearse(stage: Stage, gateway: Gateway, recorder: Recorder) -> dict[str, Any]:
    """Read the stream of the warm-up, and then the whole one, of which the floor is to know."""
    await read(stage, gateway, _WARM_UP)
    with recorder.noting(decoding.CALL):
        return await read(stage, gateway, _DAYS)


async def read(stage: Stage, gateway: Gateway, days: timedelta, *options: str) -> dict[str, Any]:
    """What a reader tells of a stream of so many days until today, as `benchmarks.reader` does."""
    window = ((stage.today - days).isoformat(), stage.today.isoformat())
    command = (*PYTHON, "benchmarks.reader", gateway.grpc, *window, *options)
    told: dict[str, Any] = json.loads(await output(stage.folder, "reader", *command, seconds=_LONGEST_PASS))
    return told


async def decode(stage: Stage, rehearsed: Rehearsed[dict[str, Any]], *options: str) -> dict[str, Any]:
    """What the floor tells of all pages, as `benchmarks.floors.decoding` does."""
    command = (*PYTHON, "benchmarks.floors.decoding", str(rehearsed.file), *options)
    told: dict[str, Any] = json.loads(await output(stage.folder, "decoding", *command, seconds=_LONGEST_PASS))
    return told


BENCHMARK = Benchmark(name="stream-events", measure=measure)
