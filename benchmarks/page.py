"""The page of a run's results: what was measured, how, and what of it is unflattering."""

from collections.abc import Iterator, Sequence
from textwrap import fill

from benchmarks.machine import Machine
from benchmarks.report import Comparison, percentiles, processor_time, to_tables
from benchmarks.rounds import Result

_INTRODUCTION = """\
Written by the run itself; `make bench` makes it anew. Each piece of work is measured beside a floor that does the least
that the same work needs, and beside what one would take instead. Everything is on in the gateway: validation, logs,
metrics, outcomes; every answer is counted, and compared with what the simulators say. Upstreams are recorded answers of
the simulators, sent by a process of their own. h2load makes the load where all ask the same; where each caller asks
something of its own, a client of a few lines does."""

_ALWAYS = (
    """Load, upstreams, floor and gateway share one machine and its cores: with more of them, all numbers would be
    higher, and ratios others.""",
    """Floors run on asyncio's own event loop, as they are first written. The gateway runs on uvloop: where the floor is
    shown on that as well, one sees what of the ratio the loop gives.""",
    """Calls follow each other at once on connections that stay open. Nobody waits for new connections, TLS or a real
    network, and a stall delays the calls behind it instead of being counted once for each.""",
    """The limits on what each source is asked are raised far above their defaults, which would be all that one sees: by
    default, Fluid Topics is asked less often than its published limit permits.""",
    """The aggregator by hand does less than the gateway: it has no common model, no deadlines of callers, no retries,
    limits, metrics or logs. It keeps nothing, so it stands only where the gateway asks anew, too.""",
)

_NOTABLE = 1.05
"""From which factor on a rival's number is told: turns differ by as much."""


def to_page(machine: Machine, command: str, sizes: str, comparisons: Sequence[Comparison]) -> str:
    """All of it, as Markdown."""
    methods = "\n".join(_item(f"**{each.work}**: {each.about}") for each in comparisons)
    unflattering = "\n".join(map(_item, [*confessions(comparisons), *_ALWAYS]))
    parts = [
        "# What the gateway costs",
        _INTRODUCTION,
        fill(machine.sentence, 120, break_long_words=False, break_on_hyphens=False),
        f"    {command}\n\n{_wrapped(sizes)}",
        "## Results",
        to_tables(comparisons),
        "## How each is measured",
        methods,
        "## What is unflattering",
        unflattering,
    ]
    return "\n\n".join(parts) + "\n"


def confessions(comparisons: Sequence[Comparison]) -> Iterator[str]:
    """What of the numbers speaks against the gateway: goals that were missed, and who else is better at something."""
    for each in comparisons:
        for verdict in each.verdicts():
            if not verdict.is_met:
                yield f"**{each.work}**: {verdict.found}, where it must reach {verdict.goal}. Not met."
    for each in comparisons:
        ours, *rivals = each.others
        for rival in rivals:
            if better := list(_better(rival, ours)):
                yield f"{each.work}: {rival.name} does better: {'; '.join(better)}."
        yield from _tail(each)


def _better(rival: Result, ours: Result) -> Iterator[str]:
    theirs, our = rival.middle(), ours.middle()
    if theirs.rate > our.rate * _NOTABLE:
        yield f"{theirs.rate:,.0f} per second beside {our.rate:,.0f}"
    if our.p99_ms is not None and theirs.p99_ms is not None and theirs.p99_ms * _NOTABLE < our.p99_ms:
        yield f"{percentiles(theirs)} beside {percentiles(our)}"
    if theirs.cpu_ms * _NOTABLE < our.cpu_ms:
        yield f"{processor_time(theirs.cpu_ms)} of CPU beside {processor_time(our.cpu_ms)}"
    if rival.memory and ours.memory and rival.memory.peak_mib * _NOTABLE < ours.memory.peak_mib:
        yield f"{rival.memory.peak_mib:.0f} MiB beside {ours.memory.peak_mib:.0f}"


def _tail(comparison: Comparison) -> Iterator[str]:
    """The slowest answers beside the floor's."""
    ours, floor = comparison.others[0].middle(), comparison.floor.middle()
    if ours.p99_ms is not None and floor.p99_ms is not None and floor.p99_ms * _NOTABLE < ours.p99_ms:
        yield f"{comparison.work}: p99 is {ours.p99_ms:.1f} ms, the floor's {floor.p99_ms:.1f} ms."


def _item(text: str) -> str:
    return fill(
        " ".join(text.split()),
        120,
        initial_indent="- ",
        subsequent_indent="  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _wrapped(text: str) -> str:
    return fill(text, 120, break_long_words=False, break_on_hyphens=False)
