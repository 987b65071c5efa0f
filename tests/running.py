"""Simulators that run for the tests, and sources opened against them."""

import random
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime

from adapters import Adapter, installed
from adapters.clock import Clock, SystemClock
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.ports import Source
from adapters.settings import SourceSettings
from adapters.simulation import Control, Simulator, World, serve
from tests.clock import START

PATIENT: Mapping[str, object] = {"connect_timeout": 300}
"""Time that a test lets pass must not run out while this machine, which may be busy, still makes a connection."""


class StoppedClock(SystemClock):
    """It is always `START`; only what is measured in between goes on."""

    def now(self) -> datetime:
        """`START`."""
        return START


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """One kind of source, and its simulator at work."""

    adapter: Adapter
    simulator: Simulator
    base_url: str

    @property
    def control(self) -> Control:
        return self.simulator.control

    def settings(self, **changes: object) -> SourceSettings:
        """The settings that point a source at the simulator, with changes."""
        return self.adapter.settings.model_validate(
            {**self.simulator.source, "base_url": self.base_url, **PATIENT, **changes}
        )

    def open(self, clock: Clock | None = None, **changes: object) -> AbstractAsyncContextManager[Source]:
        """A source whose id is its kind."""
        outside = Outside(clock=clock or StoppedClock(), random=random.Random(1))
        return self.adapter.open(self.adapter.kind, self.settings(**changes), outside)


@dataclass(slots=True, kw_only=True)
class Upstreams:
    """Starts a simulator when it is first wanted, and keeps it."""

    world: World
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _running: dict[str, Running] = field(default_factory=dict)

    async def get(self, kind: str) -> Running:
        """The simulator of a kind."""
        if kind not in self._running:
            adapter = installed()[kind]
            simulator = adapter.simulator(self.world)
            base_url = await self._stack.enter_async_context(serve(simulator))
            self._running[kind] = Running(adapter=adapter, simulator=simulator, base_url=base_url)
        return self._running[kind]

    def reset(self) -> None:
        """Take all faults and switches back."""
        for running in self._running.values():
            running.control.reset()

    async def close(self) -> None:
        """Stop them all."""
        await self._stack.aclose()


def inquire(source: str, clock: Clock | None = None, seconds: float = 10) -> Inquiry:
    """A question's companion that has so much time left."""
    clock = clock or StoppedClock()
    return Inquiry(source=source, clock=clock, deadline=clock.monotonic() + seconds)
