"""The command line of a run."""

import asyncio
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
from benchmarks.problems import BenchmarkError
from benchmarks.report import Comparison, to_json, to_markdown
from benchmarks.stage import Pace, Stage
from benchmarks.suite import SUITE, Benchmark

NAMES = tuple(benchmark.name for benchmark in SUITE)


def run(  # noqa: PLR0913 - typer makes an option of each
    *,
    only: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help=f"Run this one; may be repeated. {', '.join(NAMES)}")
    ] = None,
    rounds: Annotated[int, typer.Option(min=1, max=100, help="Turns of each side.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.1, max=60, help="That a turn takes under load, about.")] = 3.0,
    in_flight: Annotated[int, typer.Option(min=1, max=1000, help="Calls in flight at a time.")] = 16,
    events: Annotated[int, typer.Option(min=1000, max=2_000_000, help="Events of a stream, at least.")] = 200_000,
    json: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the result here too, turn by turn.")] = None,
) -> None:
    """Measure the gateway, each time beside a floor that does the least that the same work needs.

    The result goes to standard output, as a table in Markdown; progress to standard error. Needs Linux and h2load
    (apt-get install nghttp2-client). Give it a machine that does nothing else.
    """
    chosen = [benchmark for benchmark in SUITE if not only or benchmark.name in only]
    if unknown := set(only or ()) - set(NAMES):
        raise typer.BadParameter(f"--only {min(unknown)}: there are {', '.join(NAMES)}")
    pace = Pace(rounds=rounds, seconds=seconds, in_flight=in_flight, events=events)
    try:
        require_tool()
        before = machine()
        comparisons = asyncio.run(_measure(chosen, pace))
    except BenchmarkError as error:
        sys.stderr.write(f"benchmarks: {error}\n")
        raise typer.Exit(1) from None
    except asyncio.CancelledError:
        raise typer.Exit(128 + signal.SIGTERM) from None
    sys.stdout.write(to_markdown(before, comparisons))
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


def main() -> None:
    """Run the command line, and exit."""
    typer.run(run)
