"""A server that is asked the same question again and again, for as long as a round takes."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, field

from benchmarks.load import Shot, Target, fire
from benchmarks.problems import BenchmarkError
from benchmarks.processes import Process
from benchmarks.rounds import Memory, Turn
from benchmarks.stage import Stage

Audit = Callable[[int], AbstractAsyncContextManager[None]]
"""Checks that so many calls are made meanwhile, and are answered well."""

_WARM_UP_SECONDS = 1.0
_FIRST_REQUESTS = 10


def unaudited(_requests: int) -> AbstractAsyncContextManager[None]:
    """For a server that cannot fail without saying so in the status."""
    return nullcontext()


@dataclass(slots=True, kw_only=True)
class UnderLoad:
    """A side of a comparison, as `benchmarks.rounds.Side`."""

    name: str
    target: Target
    process: Process
    stage: Stage
    body_bytes: range
    """How long the body of an answer is, on average of a round."""
    audit: Audit = unaudited
    settled_mib: float = field(default=0.0, init=False)
    """Memory that the process occupied when it was warm."""
    _rate: float = field(default=0.0, init=False)

    async def warm_up(self) -> None:
        """Answer a few requests, and then as many as fit into a second."""
        self._rate = (await self._fire(self.target.in_flight * _FIRST_REQUESTS)).rate
        self._rate = (await self._fire(self._requests(_WARM_UP_SECONDS))).rate
        self.settled_mib = self.process.resident_mib()

    async def turn(self) -> Turn:
        """Answer as many requests as the last rate suggests."""
        requests = self._requests(self.stage.pace.seconds)
        async with self.audit(requests):
            before = self.process.cpu_seconds()
            shot = await self._fire(requests)
            cpu = self.process.cpu_seconds() - before
        self._rate = shot.rate
        return Turn(rate=shot.rate, cpu_ms=cpu / requests * 1000, p50_ms=shot.p50_ms, p99_ms=shot.p99_ms)

    def memory(self) -> Memory:
        """What the process has used."""
        return self.process.memory_since(self.settled_mib)

    def _requests(self, seconds: float) -> int:
        """The same number for each place in flight, so that all end together."""
        return max(1, round(self._rate * seconds / self.target.in_flight)) * self.target.in_flight

    async def _fire(self, requests: int) -> Shot:
        shot = await fire(self.stage.folder, self.target, requests)
        if round(shot.body_bytes / requests) not in self.body_bytes:
            raise BenchmarkError(
                f"{self.name}: bodies had {shot.body_bytes / requests:.0f} bytes, "
                f"not {self.body_bytes.start} to {self.body_bytes.stop - 1}"
            )
        return shot
