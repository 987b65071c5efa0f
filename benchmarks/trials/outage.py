"""An outage: one source fails for a while under constant load. What do its upstream, the others and the callers see?"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.rounds import Say
from benchmarks.trials.calls import Client, Ended, client_of
from benchmarks.trials.errands import metrics, today, windows
from benchmarks.trials.rig import Rig, rig
from unified.analytics.v1.outcome_pb2 import SourceOutcome

PHASES = ("healthy", "failing", "healthy again")
MOST_LOAD = 1.2
"""Times the normal load that an upstream may have while it fails."""

FAULTS: Mapping[str, Mapping[str, Any]] = {
    "503": {"status": 503},
    "hang": {"mode": "hang"},
    "cut": {"mode": "cut"},
    "slow": {"latency": 4.0},
}
"""How an upstream may fail, as its simulator takes it."""

_EVENTS = 20_000
_DEADLINE = 5.0
_GOOD = frozenset({SourceOutcome.STATE_ANSWERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is tried."""

    source: str
    """Which one fails."""
    fault: str
    """How: a key of `FAULTS`."""
    seconds: float
    """Of each phase."""
    rate: float
    """Calls per second, begun whatever became of those before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One second."""

    at: float
    """Seconds from the beginning of the trial, at its end."""
    asked: Mapping[str, int]
    """Requests that came to each upstream within it."""
    circuit: str
    """State of the failing source's circuit breaker."""


@dataclass(slots=True, kw_only=True)
class Course:
    """Everything that was seen."""

    scenario: Scenario
    calls: list[Ended] = field(default_factory=list)
    """Their `started` is in seconds from the beginning of the trial."""
    samples: list[Sample] = field(default_factory=list)

    def phase_of(self, at: float) -> int:
        """The phase of a moment: 0, 1 or 2."""
        return min(int(at / self.scenario.seconds), len(PHASES) - 1)

    def calls_in(self, phase: int) -> Sequence[Ended]:
        """The calls that were begun within a phase."""
        return [call for call in self.calls if self.phase_of(call.started) == phase]

    def load(self, phase: int, source: str) -> float:
        """Requests per second that came to an upstream within a phase."""
        samples = [sample for sample in self.samples if self.phase_of(sample.at - 0.5) == phase]
        return sum(sample.asked[source] for sample in samples) / self.scenario.seconds

    def answered(self, phase: int, *, by_failing: bool) -> float:
        """The share of outcomes within a phase that are whole answers: of the source that fails, or of the others."""
        states = [
            outcome.state
            for call in self.calls_in(phase)
            for outcome in call.outcomes
            if (outcome.source == self.scenario.source) is by_failing
        ]
        return sum(state in _GOOD for state in states) / max(1, len(states))


async def run(scenario: Scenario, folder: Path, say: Say) -> Course:
    """Play it in real time: three phases."""
    say("starting the gateway, an upstream of each kind, and the load")
    async with (
        rig(folder, events=_EVENTS) as running,
        client_of(running.gateway) as client,
        aiohttp.ClientSession() as session,
    ):
        await _warm_up(client)
        course = Course(scenario=scenario)
        watch = _Watch(course=course, running=running, client=client, session=session, started=time.monotonic())
        async with asyncio.TaskGroup() as group:
            group.create_task(watch.load())
            group.create_task(watch.sample(say))
            group.create_task(watch.fail())
        return course


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    course: Course
    running: Rig
    client: Client
    session: aiohttp.ClientSession
    started: float

    async def load(self) -> None:
        """Begin calls at their times, for all phases."""
        scenario = self.course.scenario
        questions = windows(today())
        async with asyncio.TaskGroup() as group:
            for number in range(round(len(PHASES) * scenario.seconds * scenario.rate)):
                await self._until(number / scenario.rate)
                group.create_task(self._call(*next(questions)))

    async def sample(self, say: Say) -> None:
        """Look at the upstreams and the breaker once a second."""
        before = await self._asked()
        for second in range(1, round(len(PHASES) * self.course.scenario.seconds) + 1):
            await self._until(float(second))
            now = await self._asked()
            asked = {source: now[source] - before[source] for source in now}
            self.course.samples.append(Sample(at=float(second), asked=asked, circuit=await self._circuit()))
            before = now
            if second % 10 == 0:
                say(f"{PHASES[self.course.phase_of(second - 0.5)]}: {asked} requests in the last second")

    async def fail(self) -> None:
        """Let the upstream fail for the second phase."""
        upstream, seconds = self.running.upstreams[self.course.scenario.source], self.course.scenario.seconds
        await self._until(seconds)
        await upstream.fail(self.session, FAULTS[self.course.scenario.fault])
        await self._until(2 * seconds)
        await upstream.fail(self.session, None)

    async def _call(self, *window: Any) -> None:  # noqa: ANN401 - two moments
        # Asked anew each time, and never twice the same: what is kept would hide the outage.
        ended = await self.client.run(metrics(*window, fresh=True), "grpc", _DEADLINE)
        self.course.calls.append(_since(ended, self.started))

    async def _asked(self) -> dict[str, int]:
        upstreams = self.running.upstreams
        counts = await asyncio.gather(*(upstream.asked(self.session) for upstream in upstreams.values()))
        return dict(zip(upstreams, counts, strict=True))

    async def _circuit(self) -> str:
        address = f"{self.running.gateway.rest}/v1/sources/{self.course.scenario.source}"
        async with self.session.get(address) as answer:
            told = await answer.json()
        return str(told["source"]["protection"]["circuit"]).removeprefix("CIRCUIT_").lower()

    async def _until(self, at: float) -> None:
        await asyncio.sleep(max(0.0, self.started + at - time.monotonic()))


async def _warm_up(client: Client) -> None:
    """Connections, credentials, and what is found out once."""
    questions = windows(today())
    for _ in range(20):
        await client.run(metrics(*next(questions), fresh=True), "grpc", _DEADLINE)


def _since(ended: Ended, started: float) -> Ended:
    return Ended(
        errand=ended.errand,
        transport=ended.transport,
        started=ended.started - started,
        seconds=ended.seconds,
        code=ended.code,
        reason=ended.reason,
        outcomes=ended.outcomes,
    )
