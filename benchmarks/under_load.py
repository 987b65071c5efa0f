"""A server that is asked again and again, for as long as a round takes."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

import aiohttp
from yarl import URL

from benchmarks.load import Load, Shot
from benchmarks.problems import BenchmarkError
from benchmarks.processes import Process
from benchmarks.rounds import Memory, Turn
from benchmarks.stage import Stage

Audit = Callable[[int], AbstractAsyncContextManager[None]]
"""Checks that so many calls are made meanwhile, and are answered well."""

_WARM_UP_SECONDS = 1.0
_FIRST_REQUESTS = 2


def unaudited(_requests: int) -> AbstractAsyncContextManager[None]:
    """For a server that cannot fail without saying so in the status."""
    return nullcontext()


@dataclass(slots=True, kw_only=True)
class UnderLoad:
    """A side of a comparison, as `benchmarks.rounds.Side`."""

    name: str
    target: Load
    processes: Sequence[Process]
    """The server's: what it uses is what they use together."""
    stage: Stage
    body_bytes: range
    """How long the body of an answer is, on average of a round."""
    audit: Audit = unaudited
    settled_mib: float = field(default=0.0, init=False)
    """Memory that the processes occupied when they were warm."""
    _rate: float = field(default=0.0, init=False)

    async def warm_up(self) -> None:
        """Answer a few requests, and then as many as fit into a second."""
        self._rate = (await self._fire(self.target.in_flight * _FIRST_REQUESTS)).rate
        self._rate = (await self._fire(self._requests(_WARM_UP_SECONDS))).rate
        self.settled_mib = sum(process.resident_mib() for process in self.processes)

    async def turn(self) -> Turn:
        """Answer as many requests as the last rate suggests."""
        requests = self._requests(self.stage.pace.seconds)
        async with self.audit(requests):
            before = self._cpu_seconds()
            shot = await self._fire(requests)
            cpu = self._cpu_seconds() - before
        self._rate = shot.rate
        return Turn(rate=shot.rate, cpu_ms=cpu / requests * 1000, p50_ms=shot.p50_ms, p99_ms=shot.p99_ms)

    def memory(self) -> Memory:
        """What the processes have used; the peak of several is the sum of theirs, even if at different times."""
        peak = sum(process.memory_since(0).peak_mib for process in self.processes)
        return Memory(peak_mib=peak, growth_mib=max(0.0, peak - self.settled_mib))

    def _cpu_seconds(self) -> float:
        return sum(process.cpu_seconds() for process in self.processes)

    def _requests(self, seconds: float) -> int:
        """The same number for each place in flight, so that all end together."""
        return max(1, round(self._rate * seconds / self.target.in_flight)) * self.target.in_flight

    async def _fire(self, requests: int) -> Shot:
        shot = await self.target.fire(self.stage.folder, requests)
        if round(shot.body_bytes / requests) not in self.body_bytes:
            raise BenchmarkError(
                f"{self.name}: bodies had {shot.body_bytes / requests:.0f} bytes, "
                f"not {self.body_bytes.start} to {self.body_bytes.stop - 1}"
            )
        return shot


async def bodies_of(origin: str, paths: Sequence[str]) -> list[bytes]:
    """The bodies of the answers to GETs, all at once, none of which may be an error."""

    async def body_of(path: str) -> bytes:
        async with session.get(URL(origin + path, encoded=True)) as answer:
            return await answer.read()

    async with aiohttp.ClientSession(raise_for_status=True) as session:
        return await asyncio.gather(*map(body_of, paths))
