"""One question to one source: how long it may take, and what asking it took."""

from dataclasses import dataclass, field
from datetime import datetime

from adapters.clock import Clock
from adapters.drift import DriftLog
from adapters.errors import SourceError


@dataclass(slots=True, kw_only=True)
class Inquiry:
    """Goes down with the question to each attempt, and comes back with what happened, also when it failed."""

    source: str
    """Id of the source asked."""
    clock: Clock
    deadline: float
    """When an answer is of no use any more, on `clock.monotonic()`."""
    attempts: int = 0
    """Requests sent, retries included."""
    observe_time: datetime | None = None
    """When the upstream was last observed, UTC."""
    drift: DriftLog = field(default_factory=DriftLog)
    """Departures from the documentation in the answers."""
    missing: dict[str, SourceError] = field(default_factory=dict)
    """Ids of what the answer lacks (metrics, rankings), each with its reason. The rest is good."""

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.deadline - self.clock.monotonic())

    def hurried(self, seconds: float) -> "Inquiry":
        """Another one beside it, for what may take only so long of the time left."""
        deadline = min(self.deadline, self.clock.monotonic() + seconds)
        return Inquiry(source=self.source, clock=self.clock, deadline=deadline)

    def observed(self) -> datetime:
        """Note that the upstream has just answered, and tell when that was."""
        self.observe_time = self.clock.now()
        return self.observe_time

    def miss(self, what: str, why: SourceError) -> None:
        """Note that the answer will lack one thing, so that the rest need not be lost."""
        self.missing[what] = why
