"""One call, from its arrival to its answer."""

from dataclasses import dataclass, field
from typing import Literal

from adapters.clock import Clock
from unified.analytics.v1.outcome_pb2 import SourceOutcome


@dataclass(slots=True, kw_only=True)
class Call:
    """What is known of a call besides its request, and what became of it."""

    method: str
    """The RPC's name, such as `ListMetrics`."""
    transport: Literal["grpc", "rest", "cli"]
    """How it came; `cli` is a command that asks without serving, and is neither logged nor counted."""
    request_id: str
    """Printable ASCII, given by the caller or made here; it is sent back and logged."""
    clock: Clock
    started: float
    """When it arrived, on `clock.monotonic()`."""
    deadline: float
    """When the caller, or our own limit, gives up, on the same scale."""
    outcomes: list[SourceOutcome] = field(default_factory=list)
    """What became of each source asked, for the log line; set by the service."""

    def leave_at(self) -> float:
        """When the merge must leave, so that a partial answer still reaches the caller.

        At 90 % of the time there is, or 250 ms before its end, whichever comes later.
        """
        total = self.deadline - self.started
        return max(self.started + 0.9 * total, self.deadline - 0.25)
