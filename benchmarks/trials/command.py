"""The command line of the trials."""

import asyncio
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from benchmarks.machine import machine
from benchmarks.problems import BenchmarkError
from benchmarks.processes import ROOT
from benchmarks.rounds import Say
from benchmarks.trials import havoc as havoc_
from benchmarks.trials import outage as outage_
from benchmarks.trials import soak as soak_
from benchmarks.trials.outage_report import claims, draw, to_markdown

T = TypeVar("T")

app = typer.Typer(
    help="The whole gateway under trouble: real processes, real time. Give it a machine that does nothing else.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.command()
def outage(
    *,
    source: Annotated[str, typer.Option(help="Which one fails: crm, docs or ai.")] = "crm",
    fault: Annotated[str, typer.Option(help=f"How: {', '.join(outage_.FAULTS)}.")] = "503",
    seconds: Annotated[float, typer.Option(min=5, max=600, help="Of each of the three phases.")] = 30.0,
    rate: Annotated[float, typer.Option(min=1, max=1000, help="Calls per second.")] = 10.0,
    folder: Annotated[Path, typer.Option(help="Where outage.md and outage.svg are written.")] = ROOT / "docs",
) -> None:
    """Healthy, then one source fails, then healthy again, at constant load. Exit code 1: a promise was broken."""
    if fault not in outage_.FAULTS:
        raise typer.BadParameter(f"--fault {fault}: there are {', '.join(outage_.FAULTS)}")
    if source not in {"crm", "docs", "ai"}:
        raise typer.BadParameter(f"--source {source}: there are crm, docs, ai")
    scenario = outage_.Scenario(source=source, fault=fault, seconds=seconds, rate=rate)
    before = machine()
    course = _play(lambda scratch, say: outage_.run(scenario, scratch, say))
    page = to_markdown(course, before)
    sys.stdout.write(page)
    (folder / "outage.md").write_text(page, "utf-8")
    draw(course, folder / "outage.svg")
    _end(held=all(claim.held for claim in claims(course)))


@app.command()
def soak(
    *,
    minutes: Annotated[float, typer.Option(min=0.2, max=10_000, help="How long.")] = 10.0,
    clients: Annotated[int, typer.Option(min=1, max=1000, help="Calls in flight at a time.")] = 16,
) -> None:
    """Mixed traffic with many who leave early; tells whether memory or open files grow. Exit code 1: they do."""
    soaked = _play(lambda scratch, say: soak_.run(minutes, clients, scratch, say))
    samples, (grown, error) = soaked.samples, soaked.growth()
    sys.stdout.write(
        f"{soaked.minutes:g} minutes, {clients} clients, {soaked.ended.total():,} calls: "
        f"{', '.join(f'{count:,} {what}' for what, count in soaked.ended.most_common())}\n"
        f"memory: {samples[0].resident_mib:.1f} MiB at the beginning, {samples[-1].resident_mib:.1f} at the end; "
        f"in the second half {grown:+.2f} MiB per ten minutes, give or take {2 * error:.2f}\n"
        f"open files: {samples[0].open_files} at the beginning, {samples[-1].open_files} at the end; "
        f"at most {soaked.more_files():+d} in the second half against the first (at most {soak_.MOST_FILES})\n"
    )
    _end(held=soaked.holds())


@app.command()
def havoc(
    *,
    calls: Annotated[int, typer.Option(min=100, max=10_000_000, help="How many.")] = 30_000,
    clients: Annotated[int, typer.Option(min=1, max=1000, help="Calls in flight at a time.")] = 16,
) -> None:
    """Calls while each upstream and Redis are killed and started again in turn. Exit code 1: a promise was broken."""
    wreckage = _play(lambda scratch, say: havoc_.run(calls, clients, scratch, say))
    sys.stdout.write(
        f"{wreckage.calls:,} calls: {dict(wreckage.codes.most_common())}\n"
        f"outcomes: {dict(wreckage.states.most_common())}\n"
        f"killed and restarted: {dict(wreckage.killed)}\n"
        f"latest answer: {wreckage.latest * 1000:+.0f} ms from its deadline (at most {havoc_.MOST_LATE * 1000:+.0f})\n"
        f"broken promises: {dict(wreckage.broken) or 'none'}\n"
    )
    sys.stdout.writelines(f"  {example}\n" for example in wreckage.examples)
    _end(held=not wreckage.broken)


def main() -> None:
    """Run the command line, and exit."""
    app()


def _play(trial: Callable[[Path, Say], Coroutine[Any, Any, T]]) -> T:
    """Run a trial with a folder for its files. SIGTERM ends it as Ctrl-C does: with every process that it started."""
    started = time.monotonic()

    def say(text: str) -> None:
        sys.stderr.write(f"{time.monotonic() - started:6.1f} s  {text}\n")

    async def play(folder: str) -> T:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - a coroutine runs in one
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
        return await trial(Path(folder), say)

    with tempfile.TemporaryDirectory(prefix="analytics-gateway-trial-") as folder:
        try:
            return asyncio.run(play(folder))
        except BenchmarkError as error:
            sys.stderr.write(f"trials: {error}\n")
            raise typer.Exit(1) from None
        except asyncio.CancelledError:
            raise typer.Exit(128 + signal.SIGTERM) from None


def _end(*, held: bool) -> None:
    if not held:
        raise typer.Exit(1)
