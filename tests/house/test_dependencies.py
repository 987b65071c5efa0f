"""Every dependency has a reason, is locked, and is declared where it is imported."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from itertools import chain
from pathlib import Path

import pytest

from tests.house.tree import ROOT, SOURCES, modules

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
EXTRAS = [each for extra in PROJECT["project"]["optional-dependencies"].values() for each in extra]
RUNTIME = [*PROJECT["project"]["dependencies"], *EXTRAS]
BUILD = PROJECT["build-system"]["requires"]
DEV = PROJECT["dependency-groups"]["dev"]
OURS = {"adapters", "buf", "gateway", "unified"}


def distribution(name: str) -> str:
    """The name that starts a requirement, a pin or a listing, in its one canonical spelling."""
    (found,) = re.findall(r"^[\w.-]+", name)
    return re.sub(r"[-_.]+", "-", found).lower()


def pins(lock: str) -> dict[str, list[str]]:
    """Each pinned distribution and its hashes."""
    text = (ROOT / lock).read_text().replace("\\\n", " ")
    entries = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    return {distribution(entry.split("==")[0]): re.findall(r"--hash=sha256:([0-9a-f]{64})", entry) for entry in entries}


def imports(module: Path) -> set[str]:
    """The top-level packages that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(module.read_text())):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize("requirement", sorted({*RUNTIME, *BUILD, *DEV}))
def test_a_dependency_has_its_reason_beside_it(requirement: str) -> None:
    lines = [line for line in (ROOT / "pyproject.toml").read_text().splitlines() if f'"{requirement}"' in line]

    assert lines
    assert all(re.search(r'",\s+# \w.{10,}', line) for line in lines), lines


def test_the_runtime_lock_holds_what_is_declared_and_the_build_tools() -> None:
    assert {distribution(requirement) for requirement in [*RUNTIME, *BUILD]} <= pins("requirements.lock").keys()


def test_the_development_lock_adds_the_tools_and_changes_no_pin() -> None:
    runtime, development = pins("requirements.lock"), pins("requirements-dev.lock")

    assert {distribution(requirement) for requirement in DEV} <= development.keys()
    assert runtime == {name: development[name] for name in runtime}


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_pins_by_hash_and_names_no_place(lock: str) -> None:
    assert [] == [name for name, hashes in pins(lock).items() if not hashes]
    assert not re.search(r"https?:|file:|--index|--find-links|--extra|@ |(?<!\w)/\w", (ROOT / lock).read_text())


def test_what_is_imported_is_declared() -> None:
    """A package that is only there because another one needs it may be gone tomorrow."""
    providers = packages_distributions()
    declared = {distribution(requirement) for requirement in RUNTIME}
    imported = set(chain.from_iterable(imports(module) for module in modules(*SOURCES)))
    foreign = {name for name in imported if name not in {*sys.stdlib_module_names, *OURS}}

    undeclared = {name for name in foreign if not declared & {distribution(found) for found in providers.get(name, [])}}

    assert set() == undeclared
