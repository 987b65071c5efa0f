"""The OpenAPI document, judged by what others make of it: a linter's rules, and a typed client in TypeScript."""

import json
import shutil
from pathlib import Path

import pytest

from tests.end_to_end.processes import output_of
from tests.end_to_end.serving import Gateway

PACKAGES = Path(__file__).parents[1] / "clients" / "typescript"


@pytest.fixture(scope="module")
async def workbench(running_gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the document as it is served, and the packages that judge it."""
    assert shutil.which("node"), "Node.js 18 or newer is needed, such as by: apt-get install nodejs npm"
    assert (PACKAGES / "node_modules").is_dir(), f"the packages are missing: run make test, or npm ci in {PACKAGES}"
    folder = tmp_path_factory.mktemp("typescript")
    (folder / "node_modules").symlink_to(PACKAGES / "node_modules")
    for name in ("client.ts", "lint.mjs", "package.json", "tsconfig.json"):
        shutil.copy(PACKAGES / name, folder)
    async with running_gateway.session.get(f"{running_gateway.url}/openapi.json") as response:
        (folder / "openapi.json").write_bytes(await response.read())
    return folder


async def test_a_linter_finds_nothing_to_say(workbench: Path) -> None:
    assert "" == await output_of("node", "lint.mjs", "openapi.json", folder=workbench)


async def test_a_client_in_typescript_compiles_and_calls_every_get(gateway: Gateway, workbench: Path) -> None:
    """It is compiled strictly against types made of the document, and checks what it gets, a problem too, as typed."""
    programs = workbench / "node_modules" / ".bin"
    await output_of(str(programs / "openapi-typescript"), "openapi.json", "--output", "gateway.ts", folder=workbench)
    await output_of(str(programs / "tsc"), folder=workbench)
    called = json.loads(await output_of("node", "client.js", gateway.url, folder=workbench))

    document = json.loads((workbench / "openapi.json").read_bytes())
    assert {path for path, item in document["paths"].items() if "get" in item} == set(called)
