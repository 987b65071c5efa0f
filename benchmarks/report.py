"""What a run came to, for people as Markdown and for programs as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from benchmarks.goals import Goal, Verdict
from benchmarks.machine import Machine
from benchmarks.rounds import Memory, Result, Turn

_GOALS = ("work", "must reach", "found", "met")
_NUMBERS = ("work", "in flight", "who", "per second", "p50, p99", "CPU each", "peak memory (growth)", "ratio to floor")

_LEGEND = """\
Sides take turns: numbers are medians of the rounds, and a ratio is the median of the ratios of each round, with the
least and the most. CPU is the processor time of the server's processes for each call or event; growth is from the end
of the warm-up to the peak. Where two processes serve together, as Envoy and the gateway, CPU and memory are those of
both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Some work, the least that it can cost, and what it costs others."""

    work: str
    about: str
    """How it is measured, and sizes: sentences."""
    unit: str
    """What a rate counts, in the singular."""
    load: str
    """Pieces in flight, and on how many connections."""
    floor: Result
    others: Sequence[Result]
    """The first of them is ours."""
    goals: Sequence[Goal] = ()
    """What ours must reach."""

    def verdicts(self) -> list[Verdict]:
        """What became of the goals."""
        return [goal.judge(self.floor, self.others[0]) for goal in self.goals]


def to_tables(comparisons: Sequence[Comparison]) -> str:
    """What was to be reached and what was found, and how to read it."""
    goals = [(each.work, verdict) for each in comparisons for verdict in each.verdicts()]
    judged = _table(_GOALS, ((work, told.goal, told.found, _told(told)) for work, told in goals))
    numbers = _table(_NUMBERS, (row for each in comparisons for row in _rows(each)))
    return "\n\n".join([*([judged] if goals else []), numbers, _LEGEND])


def to_json(machine: Machine, comparisons: Sequence[Comparison]) -> bytes:
    """The same, with each turn of each side."""
    found = [
        {
            **msgspec.to_builtins(each),
            "ratios": {other.name: other.ratio_to(each.floor) for other in each.others},
            "goals": each.verdicts(),
        }
        for each in comparisons
    ]
    return msgspec.json.format(msgspec.json.encode({"machine": machine, "comparisons": found})) + b"\n"


def percentiles(turn: Turn) -> str:
    """Median and 99th percentile; empty where there is only one answer."""
    return "" if turn.p50_ms is None or turn.p99_ms is None else f"{turn.p50_ms:.1f}, {turn.p99_ms:.1f} ms"


def processor_time(milliseconds: float) -> str:
    """Three digits of it."""
    return f"{milliseconds * 1000:.3g} µs" if milliseconds < 1 else f"{milliseconds:.3g} ms"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (headings, ["---"] * len(headings), *rows))


def _told(verdict: Verdict) -> str:
    return "yes" if verdict.is_met else "**no**"


def _rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """One for each side, the floor first."""
    yield (comparison.work, comparison.load, *_numbers(comparison.floor, comparison.unit), "1")
    for other in comparison.others:
        ratio = other.ratio_to(comparison.floor)
        share = f"**{ratio.median:.2f}** ({ratio.least:.2f} to {ratio.most:.2f})"
        yield ("", "", *_numbers(other, comparison.unit), share)


def _numbers(result: Result, unit: str) -> tuple[str, ...]:
    turn = result.middle()
    rate = f"{turn.rate:,.0f} {unit}s"
    return result.name, rate, percentiles(turn), processor_time(turn.cpu_ms), _memory(result.memory)


def _memory(memory: Memory | None) -> str:
    return "" if memory is None else f"{memory.peak_mib:.0f} MiB (+{memory.growth_mib:.1f})"
