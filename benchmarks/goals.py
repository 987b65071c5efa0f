"""What the gateway must reach in a comparison, and whether it did."""

from dataclasses import dataclass
from typing import Protocol

from benchmarks.rounds import Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What became of a goal."""

    goal: str
    found: str
    is_met: bool


class Goal(Protocol):
    """Something to reach."""

    def judge(self, floor: Result, ours: Result) -> Verdict:
        """Whether it was reached."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareOfFloor:
    """The median ratio of the rates."""

    least: float

    def judge(self, floor: Result, ours: Result) -> Verdict:
        """Whether it was reached."""
        share = ours.ratio_to(floor).median
        goal = f"at least {self.least:g} of the floor's rate"
        return Verdict(goal=goal, found=f"{share:.2f}", is_met=share >= self.least)


@dataclass(frozen=True, slots=True, kw_only=True)
class NearBase:
    """Medians of the rounds' percentiles, over a time that no answer can undercut. Milliseconds."""

    base: float
    p50_over: float
    p99_over: float

    def judge(self, floor: Result, ours: Result) -> Verdict:
        """Whether it was reached."""
        return Verdict(
            goal=f"{self.base:g} ms and at most {self.p50_over:g} more at the median, {self.p99_over:g} at p99",
            found=f"{_over(ours, self.base)} (the floor: {_over(floor, self.base)})",
            is_met=_is_within(ours, self),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LessGrowth:
    """Growth of memory from the end of the warm-up to the peak."""

    mib: float

    def judge(self, _floor: Result, ours: Result) -> Verdict:
        """Whether it was reached."""
        growth = float("inf") if ours.memory is None else ours.memory.growth_mib
        return Verdict(goal=f"grows by less than {self.mib:g} MiB", found=f"{growth:.1f} MiB", is_met=growth < self.mib)


def _over(result: Result, base: float) -> str:
    turn = result.middle()
    if turn.p50_ms is None or turn.p99_ms is None:
        return "not measured"
    return f"{turn.p50_ms - base:+.1f}, {turn.p99_ms - base:+.1f} ms"


def _is_within(result: Result, goal: NearBase) -> bool:
    turn = result.middle()
    if turn.p50_ms is None or turn.p99_ms is None:
        return False
    return turn.p50_ms - goal.base <= goal.p50_over and turn.p99_ms - goal.base <= goal.p99_over
