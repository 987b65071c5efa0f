"""A tenant that is suspended, in maintenance or not there yet says so, whenever that begins."""

import asyncio
from datetime import timedelta

import pytest

from adapters.errors import (
    TenantUnavailableError,
    UpstreamFailedError,
)
from adapters.simulation import Fault
from adapters.superoffice.simulated.tenant import SWITCHES, VALID
from adapters.superoffice.tenant import PAUSE
from tests.adapters.superoffice.online import DATA, STATES, Online, check, failure
from tests.clock import VirtualClock

UNSERVED = [state for state in SWITCHES["state"] if state not in {"Running", "OnlineMaintenance"}]


@pytest.mark.parametrize("state", UNSERVED)
async def test_a_tenant_that_is_not_served_says_why_and_is_not_asked(online: Online, state: str) -> None:
    online.control.switches["state"] = state
    error = await failure(online)
    assert isinstance(error, TenantUnavailableError)
    assert f"its state is {state}." in str(error)
    assert [] == online.calls


async def test_online_maintenance_is_no_obstacle(online: Online) -> None:
    online.control.switches["state"] = "OnlineMaintenance"
    async with online.open() as source:
        await check(source)


async def test_the_end_of_maintenance_is_noticed_when_the_answer_is_no_longer_valid(online: Online) -> None:
    clock = VirtualClock()
    online.control.switches["state"] = "OfflineMaintenance"
    async with online.open(clock) as source:
        for wait in (0, 60):
            await clock.advance(wait)
            with pytest.raises(TenantUnavailableError) as caught:
                await check(source, clock)
            assert VALID - timedelta(seconds=wait) == caught.value.retry_after
        assert 1 == online.asked_states
        online.control.switches["state"] = "Running"
        await clock.advance(VALID.total_seconds())
        await check(source, clock)
    assert 2 == online.asked_states


async def test_maintenance_that_begins_while_the_address_is_known_explains_the_failure(online: Online) -> None:
    """Each host answers 503 then, or anything else. The next call is not even sent."""
    clock = VirtualClock()
    async with online.open(clock) as source:
        await check(source, clock)
        online.control.switches["state"] = "OfflineMaintenance"
        for _ in range(3):
            with pytest.raises(TenantUnavailableError, match="OfflineMaintenance"):
                await check(source, clock)
        assert (2, 2) == (online.asked_states, len(online.calls))
        online.control.switches["state"] = "Running"
        await clock.advance(VALID.total_seconds())
        await check(source, clock)


@pytest.mark.parametrize(
    "fault", [Fault(path=DATA, status=401), Fault(path=DATA, status=302), Fault(path=DATA, mode="not-json")]
)
async def test_a_suspended_tenant_is_told_however_its_host_fails(online: Online, fault: Fault) -> None:
    async with online.open() as source:
        await check(source)
        online.says(State="Suspended", IsRunning=False)
        online.control.faults.append(fault)
        with pytest.raises(TenantUnavailableError, match="Suspended"):
            await check(source)


async def test_a_failure_that_the_state_does_not_explain_stays_what_it_is(online: Online) -> None:
    clock = VirtualClock()
    async with online.open(clock) as source:
        online.control.faults.append(Fault(path=DATA, status=500))
        for asked in (2, 2, 2):
            with pytest.raises(UpstreamFailedError, match=r"^The upstream failed \(500\)"):
                await check(source, clock)
            assert asked == online.asked_states
        await clock.advance(PAUSE)
        with pytest.raises(UpstreamFailedError):
            await check(source, clock)
    assert 3 == online.asked_states


async def test_looking_for_an_explanation_has_an_end(online: Online) -> None:
    clock = VirtualClock()
    async with online.open(clock) as source:
        await check(source, clock)
        online.control.faults += [Fault(path=DATA, status=500), Fault(path=STATES, mode="hang")]
        asking = asyncio.create_task(check(source, clock))
        await online.control.until(lambda _: 2 == online.asked_states)
        await clock.advance(5)
        with pytest.raises(UpstreamFailedError, match="500"):
            await asking
