"""What a source gets from its surroundings."""

import random
from dataclasses import dataclass

from adapters.clock import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Time and chance, handed in so that tests can decide both."""

    clock: Clock
    random: random.Random
    """For the spread of waits; nothing secret is made of it."""
