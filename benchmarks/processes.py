"""Processes of a run: started, listened to, measured, and always ended, each by its own id."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.problems import BenchmarkError
from benchmarks.rounds import Memory

ROOT = Path(__file__).parents[1]
PYTHON = (sys.executable, "-m")

START_SECONDS = 60.0
"""Time that a process has to say that it is ready."""
STOP_SECONDS = 15.0
"""Time that a process has to end after SIGTERM: more than the gateway's grace. Then it is killed."""

_LAST_WORDS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One that runs, or has run."""

    name: str
    log: Path
    """Its standard error."""
    inner: asyncio.subprocess.Process

    def cpu_seconds(self) -> float:
        """Processor time used so far, by all its threads."""
        fields = Path(f"/proc/{self.inner.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        user, system = int(fields[11]), int(fields[12])
        return (user + system) / os.sysconf("SC_CLK_TCK")

    def resident_mib(self) -> float:
        """Memory that it occupies."""
        return self._memory("VmRSS")

    def memory_since(self, settled_mib: float) -> Memory:
        """What it has used, where it occupied so much when it was warm."""
        peak = self._memory("VmHWM")
        return Memory(peak_mib=peak, growth_mib=max(0.0, peak - settled_mib))

    async def said(self) -> Any:  # noqa: ANN401 - JSON
        """The next line of its standard output, which is JSON.

        Raises:
            BenchmarkError: it ended, or did not say anything in time.
        """
        assert self.inner.stdout  # noqa: S101 - a promise of `running`
        try:
            line = await asyncio.wait_for(self.inner.stdout.readline(), START_SECONDS)
        except TimeoutError:
            line = b""
        if not line:
            raise self.failed("did not start")
        return json.loads(line)

    def failed(self, how: str) -> BenchmarkError:
        """An error with its last words."""
        words = " ".join(self.log.read_text("utf-8", errors="replace")[-_LAST_WORDS:].split())
        return BenchmarkError(f"{self.name} {how}: {words or 'it said nothing'}")

    def _memory(self, key: str) -> float:
        lines = Path(f"/proc/{self.inner.pid}/status").read_text("utf-8").splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith(f"{key}:")) / 1024


@asynccontextmanager
async def running(folder: Path, name: str, *command: str) -> AsyncIterator[Process]:
    """A process that runs, with its log in `folder`; in the end it is told to stop, and killed if it does not."""
    log = folder / f"{name.replace(' ', '-')}.log"
    with log.open("ab") as stderr:
        inner = await asyncio.create_subprocess_exec(
            *command, cwd=ROOT, env=_environment(), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=stderr,
        )  # fmt: skip
    try:
        yield Process(name=name, log=log, inner=inner)
    finally:
        await _end(inner)


async def output(folder: Path, name: str, *command: str, seconds: float) -> str:
    """What a process says until it ends by itself.

    Raises:
        BenchmarkError: it failed, or took longer than `seconds`.
    """
    async with running(folder, name, *command) as process:
        try:
            async with asyncio.timeout(seconds):
                said, _ = await process.inner.communicate()
        except TimeoutError:
            raise process.failed(f"did not end within {seconds:.0f} s") from None
        if process.inner.returncode:
            raise process.failed(f"failed with exit code {process.inner.returncode}")
    return said.decode()


async def _end(inner: asyncio.subprocess.Process) -> None:
    if inner.returncode is not None:
        return
    inner.terminate()
    try:
        await asyncio.wait_for(inner.wait(), STOP_SECONDS)
    except TimeoutError:
        inner.kill()
        await inner.wait()
    except asyncio.CancelledError:
        # Whoever interrupts twice does not want to wait.
        inner.kill()
        raise


def _environment() -> dict[str, str]:
    """Ours, without what would configure the gateway."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ANALYTICS_GATEWAY_")}
