"""Sides that take turns, and what their turns came to. The machine is noisy: a ratio is one of neighbours in time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Protocol

Say = Callable[[str], None]
"""Tells whoever watches how far the run is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What one side did in one round."""

    rate: float
    """Pieces of work per second."""
    cpu_ms: float
    """Milliseconds of processor time for each, in the process that is measured."""
    p50_ms: float | None = None
    """Milliseconds from request to answer; None where there is only one answer."""
    p99_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """Of a process."""

    peak_mib: float
    """The most that it ever occupied."""
    growth_mib: float
    """From the end of the warm-up to the peak."""


class Side(Protocol):
    """One of those compared."""

    @property
    def name(self) -> str:
        """What it is called in the table."""
        ...

    async def warm_up(self) -> None:
        """Work until start-up costs are paid."""
        ...

    async def turn(self) -> Turn:
        """Work for a round, and check that the work was done.

        Raises:
            BenchmarkError: it was not.
        """
        ...

    def memory(self) -> Memory | None:
        """What its process has used by now; None where each turn has a process of its own."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """What several rounds came to."""

    median: float
    least: float
    most: float


def spread(values: Sequence[float]) -> Spread:
    """Of at least one value."""
    return Spread(median=median(values), least=min(values), most=max(values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """All turns of a side; `turns[0]` is of the first round."""

    name: str
    turns: Sequence[Turn]
    memory: Memory | None = None

    def ratio_to(self, floor: "Result") -> Spread:
        """Its rate in parts of the floor's, round by round."""
        return spread([ours.rate / theirs.rate for ours, theirs in zip(self.turns, floor.turns, strict=True)])

    def middle(self) -> Turn:
        """The median of each number."""
        return Turn(
            rate=median(turn.rate for turn in self.turns),
            cpu_ms=median(turn.cpu_ms for turn in self.turns),
            p50_ms=_median_if_any([turn.p50_ms for turn in self.turns]),
            p99_ms=_median_if_any([turn.p99_ms for turn in self.turns]),
        )


async def alternate(sides: Sequence[Side], rounds: int, say: Say) -> list[Result]:
    """Warm all sides up, then let them take turns, every second round in the other order. Gives them in their order."""
    for side in sides:
        say(f"warming up: {side.name}")
        await side.warm_up()
    turns: list[list[Turn]] = [[] for _ in sides]
    for number in range(rounds):
        order = range(len(sides)) if number % 2 == 0 else reversed(range(len(sides)))
        for index in order:
            turns[index].append(await sides[index].turn())
            say(f"round {number + 1} of {rounds}: {sides[index].name}, {turns[index][-1].rate:,.0f}/s")
    return [Result(name=side.name, turns=done, memory=side.memory()) for side, done in zip(sides, turns, strict=True)]


def _median_if_any(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return median(known) if known else None
