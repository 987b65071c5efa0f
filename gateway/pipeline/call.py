"""One call, from its arrival to its answer."""

from dataclasses import dataclass, field
from typing import Literal

from adapters.clock import Clock
from gateway.pipeline.shelf import ShelfLife
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
    streaming: bool = False
    """Whether its answer is a stream: then its time is also its reader's."""
    outcomes: list[SourceOutcome] = field(default_factory=list)
    """What became of each source asked, for the log line; set by the service."""
    waited: float = 0.0
    """Seconds that it waited for upstreams, which are not the gateway's own; set by the federation."""
    shelf: ShelfLife | None = None
    """How old its answer is, and how long it keeps; None: not all of it is kept. Set by the federation."""
    repeated: bool = False
    """Whether its answer is one that was given before, to an equal request; set by the pipeline."""

    def leave_at(self) -> float:
        """When the merge must leave, so that a partial answer still reaches the caller.

        At 90 % of the time there is, or 250 ms before its end, whichever comes later.
        """
        total = self.deadline - self.started
        return max(self.started + 0.9 * total, self.deadline - 0.25)

    def is_over(self) -> bool:
        """Whether its deadline has passed."""
        return self.clock.monotonic() >= self.deadline

    def overhead(self, now: float) -> float:
        """Seconds of its time until now that were the gateway's own, and not spent waiting for upstreams."""
        return max(0.0, now - self.started - self.waited)

    def server_timing(self, now: float) -> str:
        """Where its time went until now, in milliseconds, as `Server-Timing` tells it (W3C, Server Timing)."""
        upstream = f"{self.waited * 1000:.2f}" if self.waited else "0.00"
        return f"upstream;dur={upstream}, gateway;dur={self.overhead(now) * 1000:.2f}"
