"""What the simulators are told about the world that they play."""

from dataclasses import dataclass

from adapters.clock import Clock
from adapters.simulation.company import Company


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """One company, seen at one time through every tool that it uses."""

    company: Company
    clock: Clock
    """Nothing that a simulator tells lies behind `clock.now()`."""
    events: int
    """How many Fluid Topics events the past year holds, about."""


def create_world(*, seed: int, clock: Clock, events: int) -> World:
    """The world of a seed, whose company has grown for a year up to today."""
    return World(company=Company(seed=seed, today=clock.now().date()), clock=clock, events=events)
