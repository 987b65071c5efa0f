"""Adding a source is as easy as the README says: the fourth kind keeps to what is public, and is small."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import adapters
from tests.house.pages import README
from tests.house.tree import modules
from tests.installing import EXTENSION

CHAPTER = "Adding a source"
LONGEST_EXTENSION = 150
PROJECT = tomllib.loads((EXTENSION / "pyproject.toml").read_text("utf-8"))["project"]
MODULES = list(modules(str(EXTENSION)))
PARTS_OF_THE_GATEWAY = {"adapters", "unified"}


def imported() -> Iterator[tuple[str, str]]:
    """Modules, and what is taken from them."""
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from ((name.name, "*") for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield from ((node.module or "", name.name) for name in node.names)


def test_the_fourth_kind_is_small() -> None:
    assert 0 < sum(len(module.read_text("utf-8").splitlines()) for module in MODULES) < LONGEST_EXTENSION


def test_it_imports_only_what_is_public() -> None:
    """Of `adapters` the modules at the top, but no kind, and nothing from within a package; of the gateway nothing."""
    names = {name for pair in imported() for name in pair}
    ours = {tuple(module.split(".")) for module, _name in imported() if module.split(".")[0] == "adapters"}

    assert not [name for name in names if name.split(".")[0] == "gateway" or name.startswith("_")]
    assert not [parts for parts in ours if len(parts) > 2 or parts[-1] in adapters.built_in()]


def test_it_declares_what_it_imports() -> None:
    packages = {module.split(".")[0] for module, _name in imported()}
    own = {path.name for path in EXTENSION.iterdir() if path.is_dir()}
    foreign = packages - own - PARTS_OF_THE_GATEWAY - sys.stdlib_module_names

    assert {"analytics-gateway", *foreign} == set(PROJECT["dependencies"])


def test_what_the_readme_shows_of_it_stands_in_it() -> None:
    written = {"python": MODULES, "toml": [EXTENSION / "pyproject.toml"]}
    shown = {language: README.examples(language, below=CHAPTER) for language in written}

    assert all(shown.values())
    for language, examples in shown.items():
        assert [] == [example for example in examples if not stands_in(example, written[language])]


def stands_in(example: str, files: list[Path]) -> bool:
    return any(example in file.read_text("utf-8") for file in files)


def test_the_readme_names_every_step_in_order() -> None:
    chapter = README.chapter(CHAPTER)
    places = [chapter.find(f"**{step}. ") for step in range(1, 6)]

    assert sorted(places) == places
    assert -1 not in places
