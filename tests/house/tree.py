"""The files of the house, as its own tests look at them."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = ("gateway", "adapters")
WRITTEN = (*SOURCES, "benchmarks", "tests", "hatch_build.py", ".ci")


def modules(*places: str) -> Iterator[Path]:
    """Every Python module that somebody wrote in the given files and folders of the checkout."""
    for place in places:
        path = ROOT / place
        yield from [path] if path.is_file() else sorted(path.rglob("*.py"))


def tracked() -> list[str]:
    """What git has, or would take, relative to the checkout. Empty where it is no git checkout."""
    if not (ROOT / ".git").exists():
        return []
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]
