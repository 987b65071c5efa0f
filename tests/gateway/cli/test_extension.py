"""A kind of source that another package brings, as whoever has installed that package meets it."""

from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.gateway.cli.processes import run, started
from tests.installing import install

ANYWHERE = ("--grpc-address", "127.0.0.1:0", "--rest-address", "127.0.0.1:0")


@pytest.fixture(scope="session")
def beside(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a process that has the package installed."""
    site = tmp_path_factory.mktemp("extension") / "site"
    install(site)
    return {"PYTHONPATH": str(site)}


@pytest.fixture
def broken(tmp_path: Path) -> dict[str, str]:
    """The environment of a process that has a package installed whose entry point leads nowhere."""
    record = tmp_path / "broken-1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1.0\n", "utf-8")
    (record / "entry_points.txt").write_text("[analytics_gateway.adapters]\nbroken = nowhere:ADAPTER\n", "utf-8")
    return {"PYTHONPATH": str(tmp_path)}


async def test_the_sandbox_serves_the_kind_of_another_package(beside: dict[str, str]) -> None:
    async with started("serve", "--sandbox", *ANYWHERE, environ=beside) as gateway:
        ready = await gateway.event("ready")
        async with aiohttp.ClientSession(f"http://{ready['rest_address']}") as session:

            async def get(path: str) -> Any:  # noqa: ANN401 - JSON
                async with session.get(path) as response:
                    assert 200 == response.status
                    return await response.json()

            sources = {source["source"]: source for source in (await get("/v1/sources"))["sources"]}
            told = await get("/v1/metrics?metrics=mosswiki.edits&metrics=superoffice.contacts")
            (ranking,) = (await get("/v1/rankings/active-users?sources=mosswiki&limit=3"))["rankings"]
        code = await gateway.stop()

    assert {"ai", "crm", "docs", "mosswiki"} == sources.keys()
    assert ("mosswiki", ["PART_METRICS", "PART_RANKINGS"]) == (
        sources["mosswiki"]["kind"],
        sources["mosswiki"]["parts"],
    )
    assert {"crm": "STATE_ANSWERED", "mosswiki": "STATE_ANSWERED"} == {
        outcome["source"]: outcome["state"] for outcome in told["outcomes"]
    }
    assert ["mosswiki.edits", "superoffice.contacts"] == [metric["metric"] for metric in told["metrics"]]
    assert all(metric["value"] > 0 for metric in told["metrics"])
    assert [1, 2, 3] == [entry["rank"] for entry in ranking["entries"]]
    assert 0 == code


@pytest.mark.parametrize("command", [("serve", "--sandbox", *ANYWHERE), ("check",)])
async def test_a_package_that_cannot_be_used_is_one_line_and_exit_code_2(
    command: tuple[str, ...], broken: dict[str, str]
) -> None:
    ended = await run(*command, environ={**broken, "ANALYTICS_GATEWAY_SOURCES__AI__KIND": "zylon"})

    assert 2 == ended.code
    assert ended.err.startswith(
        "analytics-gateway: entry point 'broken' of analytics_gateway.adapters: nowhere:ADAPTER"
    )
    assert 1 == ended.err.count("\n")
