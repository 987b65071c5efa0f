"""A source that knows its customer finds where SuperOffice Online has the tenant, and follows it."""

import asyncio

import pytest
from aiohttp import web

from adapters.errors import (
    InvalidResponseError,
    MisdirectedError,
)
from adapters.simulation import Fault
from adapters.superoffice.simulated.sources import source_tables
from adapters.superoffice.simulated.tenant import VALID
from adapters.superoffice.tenant import PAUSE
from tests.adapters.superoffice.online import CUSTOMER, DATA, Online, check, failure
from tests.adapters.transport.playing import playing
from tests.clock import VirtualClock

AT_HOME = f"/{CUSTOMER}/api/v1/Agents/Diagnostics/GetAnalyticsData"
MOVED = f"/online3{AT_HOME}"


async def test_the_tenant_is_found_before_it_is_asked(online: Online) -> None:
    async with online.open() as source:
        assert "" == source.connection.address
        assert 1 == await check(source)
        assert f"{online.origin}/{CUSTOMER}/api/v1" == source.connection.address
    assert ["/api/state/Cust12345", AT_HOME] == [request.path for request in online.control.requests]


async def test_quirk_11_its_address_is_kept_until_valid_until(online: Online) -> None:
    clock = VirtualClock()
    async with online.open(clock) as source:
        await check(source, clock)
        await clock.advance(VALID.total_seconds() - 1)
        await check(source, clock)
        assert 1 == online.asked_states
        await clock.advance(2)
        await check(source, clock)
    assert 2 == online.asked_states


async def test_a_hundred_first_calls_ask_for_it_once(online: Online) -> None:
    async with online.open() as source:
        await asyncio.gather(*(check(source) for _ in range(100)))
    assert (1, 100) == (online.asked_states, len(online.calls))


async def test_quirk_11_a_tenant_that_moves_is_followed(online: Online) -> None:
    """421 from the host that was left: the state API is asked once, and the call made once more."""
    clock = VirtualClock()
    async with online.open(clock) as source:
        await check(source, clock)
        online.control.switches["host"] = "moved"
        assert 2 == await check(source, clock)
        assert f"{online.origin}/online3/{CUSTOMER}/api/v1" == source.connection.address
        online.control.switches["host"] = "home"
        assert 2 == await check(source, clock)
    assert [AT_HOME, AT_HOME, MOVED, MOVED, AT_HOME] == online.calls
    assert 3 == online.asked_states


async def test_all_who_meet_a_tenant_that_has_moved_ask_for_it_once(online: Online) -> None:
    async with online.open() as source:
        await check(source)
        online.control.switches["host"] = "moved"
        await asyncio.gather(*(check(source) for _ in range(100)))
    assert 2 == online.asked_states


async def test_a_host_that_is_named_and_does_not_serve_is_told_and_makes_no_storm(online: Online) -> None:
    clock = VirtualClock()
    online.control.faults.append(Fault(path=DATA, status=421))
    async with online.open(clock) as source:
        for asked in (2, 2, 2):
            with pytest.raises(MisdirectedError, match="host that SuperOffice's state API names"):
                await check(source, clock)
            assert asked == online.asked_states
        await clock.advance(PAUSE)
        with pytest.raises(MisdirectedError):
            await check(source, clock)
    assert 3 == online.asked_states
    assert 4 == len(online.calls)


async def test_the_credential_goes_to_the_tenant_alone(online: Online) -> None:
    proven = {}

    async def answer(request: web.Request) -> web.Response:
        proven[request.path] = "Authorization" in request.headers
        api = f"{request.url.origin()}/{CUSTOMER}/api"
        return web.json_response({"State": "Running", "IsRunning": True, "Api": api, "FileVersion": "1"})

    async with playing(answer) as origin, online.open(online_url=origin) as source:
        await check(source)
    assert {"/api/state/Cust12345": False, AT_HOME: True} == proven


@pytest.mark.parametrize("scheme", ["ticket", "xsrf", "oauth", "system-user"])
async def test_whoever_signs_in_finds_the_tenant_and_follows_it(online: Online, scheme: str) -> None:
    table = source_tables(online.running.base_url)[scheme] | {"base_url": None}
    clock = VirtualClock()
    async with online.open(clock, **table) as source:
        await check(source, clock)
        online.control.switches["host"] = "moved"
        assert 2 == await check(source, clock)
    assert 2 == online.asked_states


async def test_an_address_outside_the_allowed_domain_gets_nothing(online: Online) -> None:
    online.says(Api=f"{online.origin.replace('127.0.0.1', 'localhost')}/{CUSTOMER}/api")
    error = await failure(online)
    assert isinstance(error, InvalidResponseError)
    assert "allowed_domain (127.0.0.1)" in str(error)
    assert [] == online.calls


async def test_no_outcome_tells_a_secret_or_what_the_state_api_wrote(online: Online) -> None:
    for members in ({"Api": "https://ada.berg@evil.example/api"}, {"State": "<b>ada.berg</b>", "IsRunning": False}):
        online.says(**members)
        error = await failure(online)
        assert "ada.berg" not in repr(error)
        assert "evil" not in repr(error)
        assert "sandbox-superoffice" not in repr(error)
