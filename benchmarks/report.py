"""What a run came to, for people as Markdown and for programs as JSON."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec

from benchmarks.machine import Machine
from benchmarks.rounds import Memory, Result, Turn

_HEADINGS = ("work", "in flight", "who", "per second", "p50, p99", "CPU each", "peak memory (growth)", "ratio to floor")

_LEGEND = """\
Floor and gateway take turns: numbers are medians of the rounds, and a ratio is the median of the ratios of each round,
with the least and the most. CPU is the processor time of the server's process for each call or event; growth is from
the end of the warm-up to the peak."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Some work, the least that it can cost, and what it costs others."""

    work: str
    unit: str
    """What a rate counts, in the singular."""
    load: str
    """Pieces in flight, and on how many connections."""
    floor: Result
    others: Sequence[Result]


def to_markdown(machine: Machine, comparisons: Sequence[Comparison]) -> str:
    """The machine in a sentence, a table, and how to read it."""
    rows = [_HEADINGS, tuple("---" for _ in _HEADINGS), *(row for each in comparisons for row in _rows(each))]
    return "\n".join([_sentence(machine), "", *(f"| {' | '.join(row)} |" for row in rows), "", _LEGEND, ""])


def to_json(machine: Machine, comparisons: Sequence[Comparison]) -> bytes:
    """The same, with each turn of each side."""
    found = [
        {**msgspec.to_builtins(each), "ratios": {other.name: other.ratio_to(each.floor) for other in each.others}}
        for each in comparisons
    ]
    return msgspec.json.format(msgspec.json.encode({"machine": machine, "comparisons": found})) + b"\n"


def _sentence(machine: Machine) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in machine.versions.items())
    busy = f" **Others used the machine: load average {machine.load_average}.**" if machine.is_busy else ""
    return (
        f"{machine.date}, {machine.cores} cores of {machine.cpu}, {machine.memory_gib:g} GiB, {machine.system}, "
        f"Python {machine.python}, {versions}.{busy}"
    )


def _rows(comparison: Comparison) -> Iterator[tuple[str, ...]]:
    """One for each side, the floor first."""
    yield (comparison.work, comparison.load, *_numbers(comparison.floor, comparison.unit), "1")
    for other in comparison.others:
        ratio = other.ratio_to(comparison.floor)
        share = f"**{ratio.median:.2f}** ({ratio.least:.2f} to {ratio.most:.2f})"
        yield ("", "", *_numbers(other, comparison.unit), share)


def _numbers(result: Result, unit: str) -> tuple[str, ...]:
    turn = result.middle()
    return result.name, f"{turn.rate:,.0f} {unit}s", _percentiles(turn), _time(turn.cpu_ms), _memory(result.memory)


def _percentiles(turn: Turn) -> str:
    return "" if turn.p50_ms is None or turn.p99_ms is None else f"{turn.p50_ms:.1f}, {turn.p99_ms:.1f} ms"


def _time(milliseconds: float) -> str:
    return f"{milliseconds * 1000:.3g} µs" if milliseconds < 1 else f"{milliseconds:.3g} ms"


def _memory(memory: Memory | None) -> str:
    return "" if memory is None else f"{memory.peak_mib:.0f} MiB (+{memory.growth_mib:.1f})"
