"""How far the rate of requests falls when an upstream wants fewer, and how it recovers. Decides only: no clock here.

Additive increase, multiplicative decrease, as TCP finds out what a path carries (RFC 5681): it takes back much at once,
where going on costs everybody behind our address their access, and tries for more in small steps. Moments are seconds
on a monotonic scale, handed in.
"""

from dataclasses import dataclass, replace

LONGEST_PAUSE = 300.0
"""Seconds for which an upstream can silence us. Fluid Topics counts in windows of five minutes; whoever asks for more
is asked again then, and may repeat it."""

STEP = 10.0
"""Seconds without another refusal before the rate is lowered no more, and between two steps of its recovery."""

_SHARE = 0.1
"""Of the full rate, that one step gives back: from half, in a little less than a minute."""

_DECREASE = 0.5
"""What is left of the rate. Half is sure to end below the limit when the rate has grown by steps, and soon is else."""

_TOGETHER = 2.0
"""Seconds in which refusals are one: those under way were sent at the old rate, and two seconds are normal."""

_LOWEST = 0.5
"""Requests per second, below which no guess of ours goes: each call would then be refused, and nobody would find out
that the upstream has recovered. An upstream that wants less says so with `Retry-After`."""


class Pace:
    """How often something has happened of late: in the last ten seconds, as one full and one current span tell it."""

    _SPAN = 10.0

    def __init__(self) -> None:
        self._span = 0
        self._before = 0
        self._count = 0

    def note(self, now: float) -> None:
        """It happens now."""
        span = int(now // self._SPAN)
        if span != self._span:
            self._turn(span)
        self._count += 1

    def per_second(self, now: float) -> float:
        """How often, per second."""
        span = int(now // self._SPAN)
        if span != self._span:
            self._turn(span)
        part = now % self._SPAN / self._SPAN
        return (self._before * (1 - part) + self._count) / self._SPAN

    def _turn(self, span: int) -> None:
        self._before = self._count if span == self._span + 1 else 0
        self._span, self._count = span, 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lowered:
    rate: float
    full: float
    """What it recovers to."""
    calm_from: float
    """From then on it recovers."""

    def at(self, now: float) -> float:
        steps = 0 if now < self.calm_from else int((now - self.calm_from) // STEP)
        return min(self.full, self.rate + steps * self.full * _SHARE)


class Lowering:
    """The rate that is permitted: what is configured, or less."""

    def __init__(self, configured: float | None) -> None:
        """Begin with the rate that is configured; None: as many as there are."""
        self._configured = configured
        self._lowered: _Lowered | None = None
        self._refused_at: float | None = None

    def rate(self, now: float) -> float | None:
        """Requests per second; never above what is configured."""
        return self._configured if self._lowered is None or self._is_over(now) else self._lowered.at(now)

    def is_lowered(self, now: float) -> bool:
        """Whether it is less than what is configured."""
        return self._lowered is not None and not self._is_over(now)

    def refused(self, pace: float, now: float, *, calm_from: float) -> None:
        """The upstream has refused a request, when so many were sent per second: send half as many.

        Refusals that come together are one, which is over when the last of them is.
        """
        if self._refused_at is not None and now - self._refused_at < _TOGETHER:
            self._stay_calm(now, calm_from)
            return
        self._refused_at = now
        rate = self.rate(now)
        used = pace if rate is None else min(rate, pace)
        self.to(used * _DECREASE, pace, now, calm_from=calm_from)

    def to(self, rate: float, pace: float, now: float, *, calm_from: float) -> None:
        """Send no more than so many per second until `calm_from`, then more by and by.

        Never raises what is lower, nor lets it recover earlier than was said before.

        A source without a rate of its own recovers to the `pace` at which it was asked, and then has none again.
        """
        full = self._full(pace, now)
        allowed = max(rate, min(_LOWEST, full * _DECREASE))
        before = self.rate(now)
        if before is not None:
            allowed = min(allowed, before)
        if allowed < full:
            said = calm_from if self._lowered is None or self._is_over(now) else self._lowered.calm_from
            self._lowered = _Lowered(rate=allowed, full=full, calm_from=max(now, calm_from, said))

    def _stay_calm(self, now: float, until: float) -> None:
        """Do not let a rate that is lowered recover before then."""
        if self._lowered is not None and not self._is_over(now) and self._lowered.calm_from < until:
            self._lowered = replace(self._lowered, rate=self._lowered.at(now), calm_from=max(now, until))

    def _full(self, pace: float, now: float) -> float:
        if self._configured is not None:
            return self._configured
        if self._lowered is not None and not self._is_over(now):
            return max(self._lowered.full, pace)
        return max(pace, _LOWEST / _DECREASE)

    def _is_over(self, now: float) -> bool:
        return self._lowered is not None and self._lowered.at(now) >= self._lowered.full
