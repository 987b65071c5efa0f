"""What a source gets from its surroundings."""

import random
from dataclasses import dataclass, field

from adapters.clock import Clock
from adapters.meter import Meter, Unmetered
from adapters.sharing import SharedLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Time, chance, counters, and what other replicas share: handed in, so that tests can decide them."""

    clock: Clock
    random: random.Random
    """For the spread of waits; nothing secret is made of it."""
    meter: Meter = field(default_factory=Unmetered)
    limits: SharedLimits | None = None
    """Holds rate limits across replicas. None: each replica holds its own."""
