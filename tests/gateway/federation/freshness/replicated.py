"""Replicas of one gateway, and what stands for the server in which they share."""

import asyncio
from dataclasses import dataclass, field

from adapters.clock import Clock
from gateway.federation import Federation
from tests.clock import VirtualClock
from tests.gateway.federation.freshness.asking import Counting, Gated, Numbers, federated


@dataclass(slots=True)
class Shared:
    """Keeps what is put there, and lets one at a time have a lease. Down, it has nothing and denies no lease."""

    clock: Clock
    values: dict[str, tuple[float, bytes]] = field(default_factory=dict)
    leases: dict[str, float] = field(default_factory=dict)
    is_down: bool = False

    async def get(self, key: str) -> bytes | None:
        await asyncio.sleep(0)
        end, value = self.values.get(key, (0.0, b""))
        return None if self.is_down or self.clock.monotonic() >= end else value

    def put(self, key: str, value: bytes, seconds: float) -> None:
        if not self.is_down:
            self.values[key] = (self.clock.monotonic() + seconds, value)

    async def lease(self, key: str, seconds: float) -> bool:
        await asyncio.sleep(0)
        now = self.clock.monotonic()
        if not self.is_down and self.leases.get(key, 0.0) > now:
            return False
        self.leases[key] = now + seconds
        return True

    def release(self, key: str) -> None:
        self.leases.pop(key, None)

    def lend_all(self) -> None:
        """Give every lease to a replica that never comes back."""
        for key in self.values:
            self.leases[key] = self.clock.monotonic() + 1000


@dataclass(slots=True, kw_only=True)
class Two:
    """Two replicas of one gateway, each with the source, on one clock."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    here: Numbers = field(default_factory=Gated)
    there: Numbers = field(default_factory=Gated)
    meter: Counting = field(default_factory=Counting)
    shared: Shared = field(init=False)
    one: Federation = field(init=False)
    other: Federation = field(init=False)

    def __post_init__(self) -> None:
        self.shared = Shared(self.clock)
        self.one = federated(self.here, clock=self.clock, shared=self.shared)
        self.other = federated(self.there, clock=self.clock, shared=self.shared, meter=self.meter)
