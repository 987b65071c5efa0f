"""When an upstream that fails is left alone for a while. Decides only: it sends nothing and waits for nothing."""

from datetime import datetime, timedelta
from random import Random
from typing import Literal, NoReturn

from adapters.clock import Clock
from adapters.errors import (
    CircuitOpenError,
    InvalidResponseError,
    RefusedError,
    SourceError,
    UnreachableError,
    UpstreamFailedError,
    UpstreamTimeoutError,
)
from adapters.meter import Circuit, SourceMeter
from adapters.settings import BreakerSettings
from adapters.transport.lately import Lately

Verdict = Literal["answered", "failed", "unknown"]
"""What a request says of its upstream; `unknown` where it was not sent, or nobody waited for what came of it."""

SPREAD = 0.2
"""Share of a pause that chance may take away, so that the replicas do not all send their probe at once."""

_PROBING = timedelta(seconds=1)
"""When to come back while a probe is under way: as long as a request takes, more or less."""


class Breaker:
    """Lets requests through until too large a share of the latest ones failed. Then none, for a pause, and then one.

    If that one, the probe, is answered, all are let through again; if it fails, the next pause is twice as long. A
    probe of which nothing is known in the end leaves its place to the next request.
    """

    def __init__(self, policy: BreakerSettings, *, clock: Clock, random: Random, meter: SourceMeter) -> None:
        """Begin closed: all is let through."""
        self._policy = policy
        self._clock = clock
        self._random = random
        self._meter = meter
        self._requests = Lately(policy.window)
        self._failures = Lately(policy.window)
        self._state: Circuit = "closed"
        # Each change of the state begins another era. What was sent in an older one tells nothing of this one.
        self._era = 0
        self._next_pause = policy.pause
        self._probe_at = 0.0

    @property
    def state(self) -> Circuit:
        """`open`: nothing is let through before `probe_time`; `half_open`: the probe is under way."""
        return self._state

    @property
    def probe_time(self) -> datetime | None:
        """When an open one lets the probe through, UTC; None if it is not open."""
        if self._state != "open":
            return None
        return self._clock.now() + timedelta(seconds=self._probe_at - self._clock.monotonic())

    @property
    def failure_ratio(self) -> float:
        """Share of the requests within the window that failed; 0 if there were none."""
        now = self._clock.monotonic()
        requests = self._requests.count(now)
        return self._failures.count(now) / requests if requests else 0.0

    def enter(self) -> int:
        """Let one request through. What it tells of the upstream must be told to `settle`, with what this returns.

        Raises:
            CircuitOpenError: it must not be sent.
        """
        if self._state != "closed":
            self._reserve_probe()
        return self._era

    def settle(self, era: int, verdict: Verdict) -> None:
        """The request that `enter` has let through has ended."""
        if era != self._era:
            return
        if self._state == "half_open":
            self._settle_probe(verdict)
        elif verdict != "unknown":
            self._count(failed=verdict == "failed")

    def _reserve_probe(self) -> None:
        if self._state == "half_open":
            self._refuse(_PROBING)
        if (wait := self._probe_at - self._clock.monotonic()) > 0:
            self._refuse(timedelta(seconds=wait))
        self._change("half_open")

    def _refuse(self, wait: timedelta) -> NoReturn:
        self._meter.refused("circuit")
        raise CircuitOpenError(
            "Too many of the latest requests to this source failed, so it is left alone for a while: ask again later.",
            retry_after=wait,
        )

    def _settle_probe(self, verdict: Verdict) -> None:
        if verdict == "answered":
            self._next_pause = self._policy.pause
            self._requests.clear()
            self._failures.clear()
            self._change("closed")
        elif verdict == "failed":
            self._open()
        else:
            # The pause is over: whoever comes next is the probe.
            self._change("open")

    def _count(self, *, failed: bool) -> None:
        now, policy = self._clock.monotonic(), self._policy
        self._requests.note(now)
        if not failed:
            return
        self._failures.note(now)
        requests, failures = self._requests.count(now), self._failures.count(now)
        if requests >= policy.least_requests and failures >= policy.failure_ratio * requests:
            self._open()

    def _open(self) -> None:
        pause = min(self._policy.longest_pause, self._next_pause)
        self._next_pause = 2 * pause
        self._probe_at = self._clock.monotonic() + pause * self._random.uniform(1 - SPREAD, 1)
        self._change("open")

    def _change(self, state: Circuit) -> None:
        self._era += 1
        self._state = state
        self._meter.circuit(state)


def verdict_on(error: SourceError, *, least_timeout: float) -> Verdict:
    """What a request that failed says of its upstream: that it is down, or that it answers, if only to refuse.

    A timeout says nothing if it was waited for less than `least_timeout` seconds, and neither does what was not sent.
    """
    match error:
        case UpstreamTimeoutError(waited=timedelta() as waited) if waited.total_seconds() >= least_timeout:
            return "failed"
        case RefusedError() | UpstreamTimeoutError():
            return "unknown"
        # An answer is read elsewhere: one that is invalid here is not even HTTP.
        case UnreachableError() | UpstreamFailedError() | InvalidResponseError():
            return "failed"
        case _:
            return "answered"
