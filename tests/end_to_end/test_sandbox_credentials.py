"""Every credential that SuperOffice takes can be tried in the sandbox, with the gateway as users run it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from tests.end_to_end.processes import ANY_PORTS, command, ready, sandbox, to_toml
from tests.end_to_end.serving import Json

SCHEMES = {"basic", "bearer", "ticket", "xsrf", "oauth", "system-user"}
PATIENT = {"connect_timeout": 60, "attempt_timeout": 60}
"""However busy the machine is, an answer is not a matter of time."""


@pytest.fixture(scope="module")
async def base_url() -> AsyncIterator[str]:
    """Of the simulated SuperOffice of a sandbox."""
    async with sandbox(events=1) as tables:
        yield tables["crm"]["base_url"]


@pytest.fixture
async def crm(base_url: str) -> AsyncIterator[aiohttp.ClientSession]:
    """That simulator, as its operator reaches it, without what the test before has turned."""
    async with aiohttp.ClientSession(URL(base_url).origin()) as session, session.delete("/_simulator"):
        yield session


@asynccontextmanager
async def gateway(sources: Mapping[str, Json], folder: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A gateway's REST front, with these sources in its configuration file."""
    config = folder / "gateway.toml"
    config.write_text(to_toml({id_: {**table, **PATIENT} for id_, table in sources.items()}))
    async with command("serve", "--config", str(config), *ANY_PORTS) as process:
        address = (await ready(process))["rest_address"]
        async with aiohttp.ClientSession(f"http://{address}", headers={"Request-Timeout": "60"}) as session:
            yield session


async def tables_of(crm: aiohttp.ClientSession) -> dict[str, Json]:
    async with crm.get("/_simulator/sources") as response:
        tables: dict[str, Json] = await response.json()
        return tables


async def check(session: aiohttp.ClientSession, source: str) -> tuple[str, str, str]:
    """With what it proves itself, where, and how its check ends."""
    async with session.post(f"/v1/sources/{source}:check") as response:
        checked = await response.json()
    connection = checked["connection"]
    return connection["credentialScheme"], connection["address"], checked["outcome"]["state"]


async def test_the_sandbox_tells_a_table_for_each_scheme_that_a_gateway_signs_in_with(
    crm: aiohttp.ClientSession, base_url: str, tmp_path: Path
) -> None:
    tables = await tables_of(crm)
    assert SCHEMES == tables.keys()
    # Basic is for installations on site, which take all others too.
    async with crm.put("/_simulator", json={"switches": {"environment": "onsite"}}) as response:
        assert 200 == response.status

    async with gateway({scheme.replace("-", "_"): table for scheme, table in tables.items()}, tmp_path) as session:
        told = [await check(session, scheme.replace("-", "_")) for scheme in tables]

    assert {(scheme, f"{base_url}/api/v1", "STATE_ANSWERED") for scheme in SCHEMES} == set(told)


async def test_a_system_user_finds_a_tenant_that_moves(
    crm: aiohttp.ClientSession, base_url: str, tmp_path: Path
) -> None:
    table = (await tables_of(crm))["system-user"] | {"allowed_domain": "127.0.0.1"}
    del table["base_url"]

    async with gateway({"crm": table}, tmp_path) as session:
        before = await check(session, "crm")
        async with crm.put("/_simulator", json={"switches": {"host": "moved"}}) as response:
            assert 200 == response.status
        after = await check(session, "crm")

    moved = base_url.replace("/Cust12345", "/online3/Cust12345")
    assert [("system-user", f"{url}/api/v1", "STATE_ANSWERED") for url in (base_url, moved)] == [before, after]
