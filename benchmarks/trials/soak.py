"""A soak: mixed traffic with many clients who leave early, for minutes, while memory and open files are watched."""

import asyncio
import random as chance
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import grpc

from benchmarks.processes import Process
from benchmarks.rounds import Say
from benchmarks.trials.calls import TRANSPORTS, Client, client_of
from benchmarks.trials.errands import today, varied
from benchmarks.trials.rig import Rig, rig
from benchmarks.trials.statistics import slope
from unified.analytics.v1 import analytics_service_pb2
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest

MOST_GROWTH = 1.0
"""Mebibytes per ten minutes that are taken for no growth: an allocator never stands still."""
MOST_FILES = 8
"""Open files by which the second half may differ from the first: connections come and go."""

_EVENTS = 50_000
_SETTINGS = "[cache]\nmax_bytes = 8_388_608\n"
"""Room that is full within the first half. By default the cache fills for longer, and nobody could tell that from a
leak."""
_STREAM = f"/{analytics_service_pb2.DESCRIPTOR.services_by_name['AnalyticsService'].full_name}/StreamEvents"
_DEADLINE = 10.0
_LEAVING = 0.3
"""Of the calls, those whose client leaves before it has its answer."""
_STREAMS = 0.05
"""Of the calls, those that begin a stream, and leave it somewhere."""
_LONGEST_PATIENCE = 0.03
_SAMPLES = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The gateway's process at one moment."""

    at: float
    """Seconds from the beginning."""
    resident_mib: float
    open_files: int


@dataclass(slots=True, kw_only=True)
class Soaked:
    """What came of it."""

    minutes: float
    ended: Counter[str] = field(default_factory=Counter)
    """Calls by what they came to: a code, or `left`."""
    samples: list[Sample] = field(default_factory=list)

    def second_half(self) -> Sequence[Sample]:
        """Those after the caches and pools have filled up."""
        return [sample for sample in self.samples if sample.at >= self.minutes * 30]

    def growth(self) -> tuple[float, float]:
        """Mebibytes per ten minutes, over the second half, and the standard error of that."""
        grown, error = slope([(sample.at, sample.resident_mib) for sample in self.second_half()])
        return grown * 600, error * 600

    def more_files(self) -> int:
        """By how many more files are open at most in the second half than at most in the first."""
        first = [sample.open_files for sample in self.samples if sample.at < self.minutes * 30]
        return max((sample.open_files for sample in self.second_half()), default=0) - max(first, default=0)

    def holds(self) -> bool:
        """Whether nothing grows, as far as two standard errors can tell."""
        grown, error = self.growth()
        return grown - 2 * error <= MOST_GROWTH and self.more_files() <= MOST_FILES


async def run(minutes: float, clients: int, folder: Path, say: Say) -> Soaked:
    """Play it in real time."""
    say("starting the gateway and an upstream of each kind")
    async with rig(folder, events=_EVENTS, settings=_SETTINGS) as running, client_of(running.gateway) as client:
        soaked = Soaked(minutes=minutes)
        started = time.monotonic()
        until = started + minutes * 60
        async with asyncio.TaskGroup() as group:
            group.create_task(_watch(running.gateway.process, soaked, started, until, say))
            for number in range(clients):
                group.create_task(_use(client, running, soaked, until, _chance(number)))
        return soaked


async def _watch(process: Process, soaked: Soaked, started: float, until: float, say: Say) -> None:
    pause = (until - started) / _SAMPLES
    while (now := time.monotonic()) < until:
        sample = Sample(at=now - started, resident_mib=process.resident_mib(), open_files=_open_files(process))
        soaked.samples.append(sample)
        if len(soaked.samples) % (_SAMPLES // 20) == 1:
            calls = soaked.ended.total()
            say(f"{sample.resident_mib:.1f} MiB, {sample.open_files} open files, {calls:,} calls")
        await asyncio.sleep(pause)


async def _use(client: Client, running: Rig, soaked: Soaked, until: float, random: chance.Random) -> None:
    """One client, who has something else to ask each time, and often does not wait for the answer."""
    end = today()
    async with grpc.aio.insecure_channel(running.gateway.grpc) as channel:
        while time.monotonic() < until:
            if random.random() < _STREAMS:
                soaked.ended[await _stream(channel, random)] += 1
                continue
            transport = random.choice(TRANSPORTS)
            call = asyncio.create_task(client.run(varied(random, end), transport, _DEADLINE))
            if random.random() < _LEAVING:
                await asyncio.wait([call], timeout=random.uniform(0, _LONGEST_PATIENCE))
                call.cancel()
            with suppress(asyncio.CancelledError):
                await call
            soaked.ended["left" if call.cancelled() else call.result().code] += 1


async def _stream(channel: grpc.aio.Channel, random: chance.Random) -> str:
    """Read the beginning of a stream, and leave."""
    call = channel.unary_stream(_STREAM, StreamEventsRequest.SerializeToString, bytes)(
        StreamEventsRequest(), timeout=_DEADLINE
    )
    left = random.randint(0, 3)
    async for _ in call:
        if not left:
            break
        left -= 1
    call.cancel()
    return "stream left"


def _open_files(process: Process) -> int:
    return sum(1 for _ in Path(f"/proc/{process.inner.pid}/fd").iterdir())


def _chance(seed: int) -> chance.Random:
    return chance.Random(seed)  # noqa: S311 - so that a trial can be repeated
