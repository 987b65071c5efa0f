"""What an outage came to: claims that held or did not, a table, and a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from benchmarks.machine import Machine
from benchmarks.trials.outage import MOST_LOAD, PHASES, Course
from benchmarks.trials.statistics import percentile

FAILING = 1
"""The phase in which the source fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Something that the gateway promises, and whether it was so."""

    text: str
    """With the figure that was measured."""
    held: bool


def claims(course: Course) -> Sequence[Claim]:
    """What is promised of an outage."""
    source = course.scenario.source
    normal, failing = course.load(0, source), course.load(FAILING, source)
    ratio = failing / normal if normal else 0.0
    others = min(course.answered(phase, by_failing=False) for phase in range(len(PHASES)))
    calls = sum(call.is_ok for call in course.calls) / max(1, len(course.calls))
    explained = all(
        outcome.status.message for call in course.calls for outcome in call.outcomes if outcome.source == source
        and outcome.state != outcome.STATE_ANSWERED
    )  # fmt: skip
    return (
        Claim(
            text=f"While it failed, the upstream had {ratio:.2f} times its normal load; at most {MOST_LOAD}.",
            held=ratio <= MOST_LOAD,
        ),
        Claim(text=f"The other sources answered {others:.2%} of what they were asked.", held=others == 1),
        Claim(text=f"{calls:.2%} of the calls were answered, in part at least.", held=calls == 1),
        Claim(text="Every answer that lacks the source says why.", held=explained),
        Claim(
            text=f"Once healthy again, it answered: {course.answered(2, by_failing=True):.1%} of the whole phase, "
            f"and all of its last ten seconds: {'yes' if _recovered(course) else 'no'}.",
            held=_recovered(course),
        ),
    )


_PAGE = """\
# An outage

The upstream of source `{source}` fails (`{fault}`) for {seconds:.0f} seconds, under {rate:.0f} calls of `ListMetrics`
per second, none of which may be answered from what is kept. This page was written by:

```sh
make outage ARGS="--source {source} --fault {fault} --seconds {seconds:.0f} --rate {rate:.0f}"
```

{machine}

![Requests per second to the failing upstream, answers of it and of the others, and latency, over time](outage.svg)

| phase | requests/s to `{source}` | `{source}` answered | others answered | p50, p99 of a call | circuit |
| --- | --- | --- | --- | --- | --- |
{rows}

{verdicts}
"""


def to_markdown(course: Course, on: Machine) -> str:
    """The page for the docs, its picture beside it."""
    scenario = course.scenario
    return _PAGE.format(
        source=scenario.source,
        fault=scenario.fault,
        seconds=scenario.seconds,
        rate=scenario.rate,
        machine=on.sentence,
        rows="\n".join(_row(course, phase) for phase in range(len(PHASES))),
        verdicts="\n".join(f"- {'Held' if claim.held else '**Not held**'}: {claim.text}" for claim in claims(course)),
    )


def _row(course: Course, phase: int) -> str:
    cells = (
        PHASES[phase],
        f"{course.load(phase, course.scenario.source):.1f}",
        f"{course.answered(phase, by_failing=True):.1%}",
        f"{course.answered(phase, by_failing=False):.1%}",
        f"{_latency(course, phase, 50)}, {_latency(course, phase, 99)}",
        _circuits(course, phase),
    )
    return f"| {' | '.join(cells)} |"


def draw(course: Course, file: Path) -> None:
    """The picture, as SVG."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415 - a tool of benchmarks alone
    from matplotlib.figure import Figure  # noqa: PLC0415 - the same

    scenario = course.scenario
    figure = Figure(figsize=(9, 7), layout="constrained")
    load, share, latency = figure.subplots(3, 1, sharex=True)
    seconds = [sample.at for sample in course.samples]
    load.step(seconds, [sample.asked[scenario.source] for sample in course.samples], label="requests in the second")
    load.axhline(MOST_LOAD * course.load(0, scenario.source), linestyle=":", label=f"{MOST_LOAD} times normal")
    load.set_ylabel(f"to {scenario.source}")
    by_second = {
        second: list(calls)
        for second, calls in groupby(
            sorted(course.calls, key=lambda call: call.started), lambda call: int(call.started)
        )
    }
    for by_failing, label in ((True, scenario.source), (False, "the others")):
        share.plot(
            list(by_second),
            [_share(course, second, by_failing=by_failing) for second in by_second],
            label=label,
        )
    share.set_ylabel("answered, %")
    for percent in (50, 99):
        found = [percentile([call.seconds * 1000 for call in calls], percent) for calls in by_second.values()]
        latency.plot(list(by_second), found, label=f"p{percent}")
    latency.set_ylabel("a call, ms")
    latency.set_yscale("log")
    latency.set_xlabel("seconds")
    for axes in (load, share, latency):
        axes.axvspan(scenario.seconds, 2 * scenario.seconds, alpha=0.1, color="red")
        for sample in course.samples:
            if sample.circuit != "closed":
                axes.axvspan(sample.at - 1, sample.at, alpha=0.12, color="grey", linewidth=0)
        axes.legend(loc="upper right", fontsize="small")
    load.set_title("red: the upstream fails; grey: the circuit is not closed", fontsize="small")
    FigureCanvasSVG(figure)
    figure.savefig(file, format="svg", metadata={"Date": None})


def _recovered(course: Course) -> bool:
    end = len(PHASES) * course.scenario.seconds
    last = [call for call in course.calls if call.started >= end - min(10.0, course.scenario.seconds / 3)]
    return bool(last) and all(outcome.state == outcome.STATE_ANSWERED for call in last for outcome in call.outcomes)


def _share(course: Course, second: int, *, by_failing: bool) -> float:
    states = [
        outcome.state == outcome.STATE_ANSWERED
        for call in course.calls
        if int(call.started) == second
        for outcome in call.outcomes
        if (outcome.source == course.scenario.source) is by_failing
    ]
    return 100 * sum(states) / max(1, len(states))


def _latency(course: Course, phase: int, percent: int) -> str:
    return f"{percentile([call.seconds * 1000 for call in course.calls_in(phase)], percent):.0f} ms"


def _circuits(course: Course, phase: int) -> str:
    """The states in their order, each with its seconds."""
    states = [sample.circuit for sample in course.samples if course.phase_of(sample.at - 0.5) == phase]
    return ", ".join(f"{state} {len(list(run))} s" for state, run in groupby(states))
