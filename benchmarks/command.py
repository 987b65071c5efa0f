"""The command line of a run."""

import asyncio
import shlex
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.load import require_tool
from benchmarks.machine import machine
from benchmarks.page import to_page
from benchmarks.problems import BenchmarkError
from benchmarks.processes import ROOT
from benchmarks.report import Comparison, to_json, to_tables
from benchmarks.stage import Pace, Stage
from benchmarks.suite import SUITE, Benchmark

RESULTS = ROOT / "benchmarks" / "RESULTS.md"

NAMES = tuple(benchmark.name for benchmark in SUITE)

_DEFAULT_PAGE = f"without --only it is {RESULTS.relative_to(ROOT)}"


def run(  # noqa: PLR0913 - typer makes an option of each
    *,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"Run this one; may be repeated. {', '.join(NAMES)}")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="Turns of each side.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="That a turn takes under load, about.")] = 2.0,
    in_flight: Annotated[int, typer.Option(min=1, max=1000, help="Calls in flight at a time.")] = 16,
    streams: Annotated[int, typer.Option(min=1, max=100, help="Turns of each side with a stream of events.")] = 2,
    events: Annotated[int, typer.Option(min=1000, max=2_000_000, help="Events of a stream, at least.")] = 1_000_000,
    page: Annotated[Path | None, typer.Option(metavar="FILE", help=f"Write the page here; {_DEFAULT_PAGE}.")] = None,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the result here too, turn by turn.")] = None,
) -> None:
    """Measure the gateway, each time beside a floor that does the least that the same work needs.

    The result goes to standard output, as tables in Markdown; progress to standard error. Needs Linux and h2load
    (apt-get install nghttp2-client). Give it a machine that does nothing else.
    """
    if page is None and not only:
        page = RESULTS
    chosen = [benchmark for benchmark in SUITE if not only or benchmark.name in only]
    if unknown := set(only or ()) - set(NAMES):
        raise typer.BadParameter(f"--only {min(unknown)}: there are {', '.join(NAMES)}")
    pace = Pace(rounds=rounds, seconds=seconds, in_flight=in_flight, events=events, streams=streams)
    try:
        require_tool()
        before = machine()
        comparisons = asyncio.run(_measure(chosen, pace))
    except BenchmarkError as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None
    sys.stdout.write(f"{before.sentence}\n\n{to_tables(comparisons)}\n")
    if page is not None:
        page.write_text(
            to_page(before, f"python -m benchmarks {shlex.join(sys.argv[1:])}".rstrip(), sizes(pace), comparisons),
            "utf-8",
        )
    if json is not None:
        json.write_bytes(to_json(before, comparisons))


async def _measure(chosen: Sequence[Benchmark], pace: Pace) -> list[Comparison]:
    """All of them, one after the other. SIGTERM ends the run as Ctrl-C does: with every process that it started."""
    task = asyncio.current_task()
    assert task is not None  # noqa: S101 - a coroutine runs in one
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:6.1f} s  {text}\n")

    comparisons: list[Comparison] = []
    with tempfile.TemporaryDirectory(prefix="analytics-gateway-bench-") as folder:
        stage = Stage(folder=Path(folder), pace=pace, say=say)
        for benchmark in chosen:
            say(benchmark.name)
            comparisons += await benchmark.measure(stage)
    return comparisons


def sizes(pace: Pace) -> str:
    """How much was measured, in a sentence."""
    return (
        f"{pace.rounds} rounds, in each of which every side is under load for {pace.seconds:g} seconds with "
        f"{pace.in_flight} calls in flight, where the tables say no other number; {pace.streams} rounds of streams."
    )


def main() -> None:
    """Run the command line, and exit."""
    typer.run(run)
