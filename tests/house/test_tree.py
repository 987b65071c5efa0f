"""The tree itself: what is in it, how it is named, how long its files are."""

import re
from pathlib import PurePath

import pytest

from tests.house.tree import ROOT, SOURCES, WRITTEN, modules, tracked

SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "core", "misc"}
LONGEST_MODULE = 300
FRONTS = ("gateway/rpc", "gateway/rest")
SILENCED = re.compile(r"#\s*(noqa|type:\s*ignore|pragma)\b(?P<rest>.*)")
REASON = re.compile(r"(:\s*[A-Z]+\d+(,\s*[A-Z]+\d+)*|\[[a-z-]+(,\s*[a-z-]+)*\])\s*(-|#)\s*\S.{3,}")


def test_generated_code_is_never_committed() -> None:
    generated = [name for name in tracked() if name.endswith(("_pb2.py", "_pb2.pyi", "_pb2_grpc.py", ".binpb"))]

    assert [] == generated


def test_names_say_what_is_inside() -> None:
    nameless = [
        name for name in tracked() if name.endswith(".py") and SAYS_NOTHING & {*PurePath(name).with_suffix("").parts}
    ]

    assert [] == nameless


def test_no_module_outgrows_a_reader() -> None:
    long = {
        str(path.relative_to(ROOT)): length for path in modules(*WRITTEN) if (length := lines(path)) > LONGEST_MODULE
    }

    assert {} == long


def lines(path: PurePath) -> int:
    return (ROOT / path).read_text().count("\n")


def test_a_silenced_rule_has_its_reason_beside_it() -> None:
    unexplained = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in modules(*WRITTEN)
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if path.name != "test_tree.py" and (found := SILENCED.search(line)) and not REASON.match(found["rest"])
    ]

    assert [] == unexplained


@pytest.mark.parametrize("front", FRONTS)
def test_a_front_has_no_line_per_rpc(front: str) -> None:
    """An RPC is declared once and implemented once; a front that names one has started to do it again."""
    protos = "\n".join(path.read_text() for path in (ROOT / "proto/unified").rglob("*.proto"))
    rpcs = re.findall(r"^\s*rpc (\w+)\(", protos, re.MULTILINE)
    named = {rpc for rpc in rpcs for path in modules(front) if re.search(rf"\b{rpc}\b", path.read_text())}

    assert rpcs
    assert set() == named


def test_every_package_ships_its_types() -> None:
    assert [] == [package for package in (*SOURCES, "proto/unified") if not (ROOT / package / "py.typed").exists()]
