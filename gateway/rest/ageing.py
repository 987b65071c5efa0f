"""How long a connection is used."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

_JITTER = 0.1
"""As gRPC has it: connections that a client made all at once are not all ended at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ages:
    """For how long connections are used. After that a client makes a new one, which may lead to another replica."""

    most: float
    """Seconds, which vary by a tenth to either side."""
    now: Callable[[], float] = time.monotonic
    random: Callable[[], float] = random.random
    """From 0 to 1."""

    def end(self) -> float:
        """When a connection that is made now has been used for long enough, on the scale of `now`."""
        return self.now() + self.most * (1 + _JITTER * (2 * self.random() - 1))
