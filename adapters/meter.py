"""What asking the upstreams does, as somebody may want to count it. Handed in, so that this code knows no metrics."""

from typing import Literal, Protocol

Circuit = Literal["closed", "open", "half_open"]
"""State of a circuit breaker."""

Protector = Literal["circuit", "bulkhead", "rate_limit"]
"""Which protection of ours acted."""


class SourceMeter(Protocol):
    """Counts for one source. Cheap to call, and never raises."""

    def attempted(self, result: str) -> None:
        """A request was sent. `result`: `ok`, the reason of its error in lower case, or `cancelled`: all had left."""
        ...

    def retried(self, *, allowed: bool) -> None:
        """A request was worth repeating, and the retry budget allowed it or not."""
        ...

    def waited(self, limit: Literal["bulkhead", "rate_limit"], seconds: float) -> None:
        """A question has waited so long for its turn."""
        ...

    def refused(self, by: Protector) -> None:
        """A question was refused by a protection of ours: nothing was sent."""
        ...

    def circuit(self, state: Circuit) -> None:
        """The circuit breaker has changed its state."""
        ...

    def lowered(self, rate: float) -> None:
        """The permitted rate, in requests per second, has changed, as the upstream asked or recovers."""
        ...


class Meter(Protocol):
    """Counts for all sources."""

    def of(self, source: str) -> SourceMeter:
        """The one for the source of this id."""
        ...


class Unmetered:
    """Counts nothing."""

    def of(self, source: str) -> SourceMeter:
        """The same for every source."""
        del source
        return self

    def attempted(self, result: str) -> None:
        """Nothing."""

    def retried(self, *, allowed: bool) -> None:
        """Nothing."""

    def waited(self, limit: Literal["bulkhead", "rate_limit"], seconds: float) -> None:
        """Nothing."""

    def refused(self, by: Protector) -> None:
        """Nothing."""

    def circuit(self, state: Circuit) -> None:
        """Nothing."""

    def lowered(self, rate: float) -> None:
        """Nothing."""
