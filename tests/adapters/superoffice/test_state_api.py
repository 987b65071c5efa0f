"""What becomes of a source when SuperOffice's state API fails."""

import asyncio
import re

import pytest

from adapters.errors import (
    InvalidResponseError,
    TenantUnavailableError,
    UnreachableError,
    UpstreamFailedError,
    UpstreamNotFoundError,
    UpstreamTimeoutError,
)
from adapters.simulation import Fault
from adapters.superoffice.simulated.tenant import VALID
from adapters.superoffice.tenant import KEPT, PAUSE
from tests.adapters.superoffice.online import CUSTOMER, DATA, STATES, Online, check, failure
from tests.clock import VirtualClock
from tests.running import inquire

AT_HOME = f"/{CUSTOMER}/api/v1/Agents/Diagnostics/GetAnalyticsData"


async def test_the_old_address_is_used_while_the_state_api_is_down_for_a_day(online: Online) -> None:
    clock = VirtualClock()
    async with online.open(clock) as source:
        await check(source, clock)
        online.control.faults.append(Fault(path=STATES, status=503))
        await clock.advance(KEPT.total_seconds() - 1)
        await check(source, clock)
        await clock.advance(2 + PAUSE)
        with pytest.raises(UpstreamFailedError, match="state API did not tell"):
            await check(source, clock)
    assert 2 == len(online.calls)


async def test_that_a_tenant_was_not_served_is_not_kept(online: Online) -> None:
    clock = VirtualClock()
    online.control.switches["state"] = "OfflineMaintenance"
    async with online.open(clock) as source:
        with pytest.raises(TenantUnavailableError):
            await check(source, clock)
        online.control.faults.append(Fault(path=STATES, status=503))
        await clock.advance(VALID.total_seconds())
        with pytest.raises(UpstreamFailedError, match="state API did not tell"):
            await check(source, clock)


async def test_the_old_address_outlives_a_failure_of_both(online: Online) -> None:
    async with online.open() as source:
        await check(source)
        online.control.faults += [Fault(path=STATES, status=503), Fault(path=DATA, status=500, times=1)]
        with pytest.raises(UpstreamFailedError, match="500"):
            await check(source)
        await check(source)


async def test_a_tenant_that_has_moved_unseen_is_found_by_the_next_call(online: Online) -> None:
    """Its old host answers nothing useful any more, not even 421."""
    async with online.open() as source:
        await check(source)
        online.control.switches["host"] = "moved"
        online.control.faults.append(Fault(path=AT_HOME, mode="cut"))
        with pytest.raises(UnreachableError):
            await check(source)
        await check(source)


async def test_a_state_api_that_fails_from_the_start_is_named(online: Online) -> None:
    online.control.faults.append(Fault(path=STATES, status=503))
    error = await failure(online)
    assert isinstance(error, UpstreamFailedError)
    assert "SuperOffice's state API did not tell where the tenant is." in str(error)


async def test_a_state_api_that_does_not_know_the_path_names_the_settings(online: Online) -> None:
    online.control.faults.append(Fault(path=STATES, status=404))
    error = await failure(online)
    assert isinstance(error, UpstreamNotFoundError)
    assert "SuperOffice's state API does not know the tenant: check customer and environment." == str(error)


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (Fault(path=STATES, status=302), r"did not tell where .* set online_url to where it leads"),
        (Fault(path=STATES, status=407), r"did not tell where .* check proxy\.username"),
        (Fault(path=STATES, mode="endless"), r"did not tell where .* raise that"),
    ],
)
async def test_a_failure_to_ask_the_state_api_keeps_what_helps(online: Online, fault: Fault, text: str) -> None:
    online.control.faults.append(fault)
    assert re.search(text, str(await failure(online, max_body_bytes=4096)))


async def test_a_move_that_the_state_api_cannot_tell_of_yet_is_followed_as_soon_as_it_can(online: Online) -> None:
    clock = VirtualClock(flowing=True)
    async with online.open(clock, retry={"attempts": 3}) as source:
        await check(source, clock)
        online.control.switches["host"] = "moved"
        online.control.faults.append(Fault(path=STATES, status=503, times=3))
        await source.check(inquire("superoffice", clock, seconds=60))
    assert [AT_HOME, AT_HOME, AT_HOME, f"/online3{AT_HOME}"] == online.calls


async def test_a_refusal_of_the_state_api_is_none_of_our_credential(online: Online) -> None:
    online.control.faults.append(Fault(path=STATES, status=401))
    assert isinstance(await failure(online), InvalidResponseError)


async def test_a_customer_that_nobody_knows_names_the_setting(online: Online) -> None:
    error = await failure(online, customer="Cust99999")
    assert isinstance(error, TenantUnavailableError)
    assert "Check customer and environment" in str(error)


async def test_a_state_api_that_hangs_costs_no_more_than_the_call_has(online: Online) -> None:
    clock = VirtualClock()
    online.control.faults.append(Fault(path=STATES, mode="hang"))
    async with online.open(clock) as source:
        asking = asyncio.create_task(source.check(inquire("superoffice", clock, seconds=2)))
        await online.control.until(lambda control: 1 == control.asked)
        await clock.advance(2)
        with pytest.raises(UpstreamTimeoutError, match="tenant's address"):
            await asking
        await online.control.until(lambda control: 1 == control.closed_early)
