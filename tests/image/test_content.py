"""What is in the image, and what is not."""

import tomllib

import pytest

from tests.house.tree import ROOT
from tests.image.engine import NO_NETWORK, Engine

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
DISTRIBUTIONS = "from importlib.metadata import distributions; print(*{each.name for each in distributions()})"
STALE = """
import pathlib, sys
for folder in sys.path:
    for path in pathlib.Path(folder).rglob("*.pyc"):
        if path.read_bytes()[4:8] != b"\\1\\0\\0\\0":
            print(path)
"""
UNCOMPILED = """
import pathlib, sys
import gateway.app, gateway.cli.health, gateway.cli.run
for module in list(sys.modules.values()):
    path = getattr(module, "__cached__", None)
    if path and not pathlib.Path(path).exists():
        print(path)
"""


async def python(engine: Engine, program: str) -> set[str]:
    """The words that a program says, run by the image's Python."""
    ended = await engine.once("-c", program, options=(*NO_NETWORK, "--entrypoint", "python"))
    assert 0 == ended.code, ended.err
    return set(ended.out.split())


async def test_it_is_the_version_that_it_says(engine: Engine) -> None:
    ended = await engine.once("--version")

    assert (0, f"analytics-gateway {VERSION}\n", "") == (ended.code, ended.out, ended.err)
    assert VERSION == (await engine.inspect(".Config.Labels"))["org.opencontainers.image.version"]


async def test_nobody_in_it_is_root(engine: Engine) -> None:
    identity = await python(engine, "import os; print(*{*os.getresuid(), *os.getresgid()})")

    assert {"65532"} == identity


async def test_nobody_in_it_has_a_right_that_others_lack(engine: Engine) -> None:
    status = "open('/proc/self/status')"
    capabilities = await python(engine, f"print(*[line.split()[1] for line in {status} if line.startswith('Cap')])")

    assert {"0000000000000000"} == capabilities


async def test_nobody_in_it_could_change_what_it_runs(engine: Engine) -> None:
    """Even where the root is not mounted read-only."""
    writable = ("(", "-user", "65532", "-o", "-perm", "-o=w", ")")
    options = (*NO_NETWORK, "--entrypoint", "find")

    found = await engine.once("/opt", "/usr", "-not", "-type", "l", *writable, options=options)

    assert (0, "") == (found.code, found.out)


async def test_it_has_the_packages_to_run_and_no_tools_to_build(engine: Engine) -> None:
    distributions = await python(engine, DISTRIBUTIONS)

    assert {"analytics-gateway", "aiohttp", "grpcio", "protobuf"} <= distributions
    assert set() == distributions & {"grpcio-tools", "hatchling", "pip", "setuptools", "wheel", "uv"}


@pytest.mark.parametrize("module", ["ensurepip", "grpc_tools", "hatchling", "pip", "setuptools"])
async def test_a_build_tool_cannot_be_imported(engine: Engine, module: str) -> None:
    found = await python(engine, f"import importlib.util; print(importlib.util.find_spec({module!r}))")

    assert {"None"} == found


async def test_there_is_no_compiler_and_no_installer(engine: Engine) -> None:
    tools = ("cc", "gcc", "g++", "clang", "ld", "make", "pip", "pip3", "protoc", "git", "curl", "wget")

    found = await python(engine, f"import shutil; print(*filter(None, map(shutil.which, {tools})))")

    assert set() == found


async def test_bytecode_is_there_and_is_never_compared_with_its_source(engine: Engine) -> None:
    """A rebuilt image may have files of other times; and nobody can write bytecode that is missing."""
    assert set() == await python(engine, STALE)
    assert set() == await python(engine, UNCOMPILED)


async def test_the_engine_knows_how_to_treat_it(engine: Engine) -> None:
    configuration = await engine.inspect(".Config")

    assert ["analytics-gateway"] == configuration["Entrypoint"]
    assert ["serve"] == configuration["Cmd"]
    assert {"50051/tcp", "8080/tcp"} == configuration["ExposedPorts"].keys()
    assert "SIGTERM" == configuration["StopSignal"]
    assert "65532:65532" == configuration["User"]
