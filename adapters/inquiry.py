"""One question to one source: how long it may take, and what asking it took."""

from copy import copy
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType

from adapters.clock import Clock
from adapters.drift import DriftLog
from adapters.errors import SourceError
from adapters.timeout import Timeout


@dataclass(slots=True, kw_only=True)
class Inquiry:
    """Goes down with the question to each attempt, and comes back with what happened, also when it failed."""

    source: str
    """Id of the source asked."""
    clock: Clock
    deadline: float
    """When an answer is of no use any more, on `clock.monotonic()`. Only `extend` moves it."""
    attempts: int = 0
    """Requests sent, retries included."""
    observe_time: datetime | None = None
    """When the upstream was last observed, UTC."""
    drift: DriftLog = field(default_factory=DriftLog)
    """Departures from the documentation in the answers."""
    missing: dict[str, SourceError] = field(default_factory=dict)
    """Ids of what the answer lacks (metrics, rankings), each with its reason. The rest is good."""
    waited: float = 0.0
    """Seconds in which nothing could be done but wait: for the upstream, or for the next attempt's turn."""
    _waiting: int = 0
    _waits_since: float = 0.0
    _bounds: "list[_Within]" = field(default_factory=list)

    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self.deadline - self.clock.monotonic())

    def extend(self, deadline: float) -> None:
        """Somebody who can wait until then shares the question: so may what is under way. Never shortens."""
        if deadline <= self.deadline:
            return
        self.deadline = deadline
        for bound in self._bounds:
            bound.extend()

    def within(self, seconds: float) -> "_Within":
        """Raise TimeoutError after so many seconds, or at the deadline, also if that is extended meanwhile."""
        return _Within(self, self._bounds, self.clock.monotonic() + seconds)

    def waiting(self) -> "_Waiting":
        """Count the time within as `waited`; where several wait at once, once."""
        return _Waiting(self)

    def begin_waiting(self) -> None:
        """As entering `waiting` does. `end_waiting` must follow."""
        if not self._waiting:
            self._waits_since = self.clock.monotonic()
        self._waiting += 1

    def end_waiting(self) -> None:
        """As leaving `waiting` does."""
        self._waiting -= 1
        if not self._waiting:
            self.waited += self.clock.monotonic() - self._waits_since

    def waited_by_now(self) -> float:
        """As `waited`, with the wait that is still going on."""
        return self.waited + (self.clock.monotonic() - self._waits_since if self._waiting else 0.0)

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
        # A copy has no traceback, which would keep alive all that was in hand for as long as the answer is kept.
        self.missing[what] = copy(why)


# Classes rather than generators: each request enters both, and these cost a quarter.


class _Waiting:
    __slots__ = ("_inquiry",)

    def __init__(self, inquiry: Inquiry) -> None:
        self._inquiry = inquiry

    def __enter__(self) -> None:
        self._inquiry.begin_waiting()

    def __exit__(self, *_: object) -> None:
        self._inquiry.end_waiting()


class _Within(Timeout):
    """A timeout that can be extended together with others of its inquiry."""

    __slots__ = ("_bounds", "_inquiry", "_latest")

    def __init__(self, inquiry: Inquiry, bounds: "list[_Within]", latest: float) -> None:
        super().__init__(inquiry.clock, min(latest, inquiry.deadline))
        self._inquiry = inquiry
        self._bounds = bounds
        self._latest = latest

    def extend(self) -> None:
        """The deadline has been moved."""
        self.reschedule(min(self._latest, self._inquiry.deadline))

    def __enter__(self) -> None:
        super().__enter__()
        self._bounds.append(self)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._bounds.remove(self)
        super().__exit__(kind, error, traceback)
