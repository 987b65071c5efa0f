"""Credentials that are renewed, whichever way: before they end, once when they are refused, and once for everybody."""

import asyncio
from datetime import datetime, timedelta

import pytest

from adapters.errors import (
    CredentialRefusedError,
    PermissionRefusedError,
    RedirectedError,
    SourceError,
    UnreachableError,
    UpstreamFailedError,
    UpstreamNotFoundError,
)
from adapters.simulation import Fault
from adapters.superoffice.auth import oauth, system_user
from adapters.superoffice.client import SuperOfficeSource
from tests.adapters.superoffice.entrance import RENEWED, Entrance
from tests.clock import START, VirtualClock
from tests.running import inquire

HUNDRED = 100
LIVES = [
    ("oauth", timedelta(hours=1), oauth.EARLY),
    ("system-user", timedelta(hours=6), system_user.EARLY),
]

each_renewed = pytest.mark.parametrize("scheme", RENEWED)


async def everybody(entrance: Entrance, source: SuperOfficeSource) -> list[BaseException | int]:
    """What a hundred calls at once come to."""
    calls = [entrance.check(source) for _ in range(HUNDRED)]
    return await asyncio.gather(*calls, return_exceptions=True)


def expire_time(source: SuperOfficeSource) -> datetime | None:
    return source.connection.credential_expire_time


@each_renewed
async def test_a_sign_in_serves_many_calls(entrance: Entrance, scheme: str) -> None:
    async with entrance.source(scheme) as source:
        for _ in range(3):
            assert 1 == await entrance.check(source)
    assert 1 == entrance.sign_ins


@pytest.mark.parametrize(("scheme", "life", "early"), LIVES)
async def test_it_is_renewed_shortly_before_it_ends_and_not_sooner(
    entrance: Entrance, scheme: str, life: timedelta, early: timedelta
) -> None:
    async with entrance.source(scheme) as source:
        await entrance.check(source)
        assert START + life == expire_time(source)
        async with entrance.source(scheme) as idle:
            await entrance.check(idle)
            await entrance.clock.advance((life - early).total_seconds() - 1)
            await entrance.check(source)
            assert 2 == entrance.sign_ins
            await entrance.clock.advance(1)
            await entrance.check(idle)
    assert 3 == entrance.sign_ins
    # It was never refused: each of the calls was one request for data.
    assert 4 == entrance.data_requests


@each_renewed
@pytest.mark.parametrize("refusal", ["401", "403"])
async def test_quirk_12_a_refused_credential_is_renewed_once(entrance: Entrance, scheme: str, refusal: str) -> None:
    async with entrance.source(scheme) as source:
        await entrance.check(source)
        await entrance.clock.advance(60)
        entrance.control.switches.update({"credential": "expired", "refusal": refusal})
        assert 2 == await entrance.check(source)
        assert 1 == await entrance.check(source)
    assert (2, 4) == (entrance.sign_ins, entrance.data_requests)


@each_renewed
@pytest.mark.parametrize(("status", "error"), [(401, CredentialRefusedError), (403, PermissionRefusedError)])
async def test_quirk_12_a_new_credential_that_is_refused_too_is_not_renewed_again(
    entrance: Entrance, scheme: str, status: int, error: type[SourceError]
) -> None:
    async with entrance.source(scheme) as source:
        await entrance.check(source)
        await entrance.clock.advance(60)
        entrance.control.faults.append(Fault(path="*/GetAnalyticsData", status=status))
        for _ in range(3):
            with pytest.raises(error):
                await entrance.check(source)
    assert 2 == entrance.sign_ins


@each_renewed
async def test_a_hundred_calls_sign_in_once(entrance: Entrance, scheme: str) -> None:
    async with entrance.source(scheme) as source:
        assert [1] * HUNDRED == await everybody(entrance, source)
    assert 1 == entrance.sign_ins


@each_renewed
@pytest.mark.parametrize("refusal", ["401", "403"])
async def test_a_hundred_calls_that_are_refused_renew_once(entrance: Entrance, scheme: str, refusal: str) -> None:
    async with entrance.source(scheme) as source:
        await entrance.check(source)
        await entrance.clock.advance(60)
        entrance.control.switches.update({"credential": "expired", "refusal": refusal})
        assert {1, 2} >= set(await everybody(entrance, source))
    assert 2 == entrance.sign_ins


@each_renewed
async def test_a_renewal_that_fails_tells_everybody_why_and_is_not_repeated_in_a_storm(
    entrance: Entrance, scheme: str
) -> None:
    async with entrance.source(scheme) as source:
        await entrance.check(source)
        await entrance.clock.advance(60)
        entrance.control.switches["credential"] = "revoked"
        for _ in range(2):
            failures = await everybody(entrance, source)
            assert {CredentialRefusedError} == {type(failure) for failure in failures}
            assert 1 == len({str(failure) for failure in failures})
        assert 2 == entrance.sign_ins
        await entrance.clock.advance(60)
        with pytest.raises(CredentialRefusedError):
            await entrance.check(source)
        assert 3 == entrance.sign_ins


@each_renewed
async def test_what_was_put_right_is_noticed(entrance: Entrance, scheme: str) -> None:
    entrance.control.switches["credential"] = "revoked"
    async with entrance.source(scheme) as source:
        with pytest.raises(CredentialRefusedError) as caught:
            await entrance.check(source)
        entrance.control.switches["credential"] = "ok"
        assert caught.value.retry_after is not None
        await entrance.clock.advance(caught.value.retry_after.total_seconds())
        assert 1 == await entrance.check(source)


@each_renewed
async def test_a_renewal_that_fails_before_the_end_disturbs_nobody(entrance: Entrance, scheme: str) -> None:
    life = timedelta(hours=1 if scheme == "oauth" else 6)
    async with entrance.source(scheme) as source:
        await entrance.check(source)
        await entrance.clock.advance(life.total_seconds() - 30)
        entrance.control.faults.append(Fault(path="/[Ll]ogin/*", status=503))
        assert 1 == await entrance.check(source)
    assert 2 == entrance.sign_ins


FAILURES = [
    (Fault(path="/[Ll]ogin/*", status=503), UpstreamFailedError),
    (Fault(path="/[Ll]ogin/*", status=404), UpstreamNotFoundError),
    (Fault(path="/[Ll]ogin/*", status=401), CredentialRefusedError),
    (Fault(path="/[Ll]ogin/*", mode="cut"), UnreachableError),
    (Fault(path="/[Ll]ogin/*", status=407), UnreachableError),
]


@each_renewed
@pytest.mark.parametrize(("fault", "error"), FAILURES)
async def test_a_failure_to_sign_in_says_where(
    entrance: Entrance, scheme: str, fault: Fault, error: type[SourceError]
) -> None:
    """Else one would look for it where the data is."""
    entrance.control.faults.append(fault)
    async with entrance.source(scheme) as source:
        with pytest.raises(error, match=r"^Signing in at http://127\.0\.0\.1:[0-9]+ failed\. "):
            await entrance.check(source)
    assert 0 == entrance.data_requests


@each_renewed
async def test_a_failure_to_sign_in_names_the_setting_of_that_host(entrance: Entrance, scheme: str) -> None:
    entrance.control.faults.append(Fault(path="/[Ll]ogin/*", mode="redirect"))
    async with entrance.source(scheme) as source:
        with pytest.raises(RedirectedError, match="set online_url to where it leads"):
            await entrance.check(source)


@each_renewed
async def test_a_sign_in_is_repeated_where_that_may_help(entrance: Entrance, scheme: str) -> None:
    entrance.control.faults.append(Fault(path="/[Ll]ogin/*", status=503, times=2))
    clock = VirtualClock(flowing=True)
    async with entrance.source(scheme, clock=clock, retry={"attempts": 3}) as source:
        assert 1 == await entrance.check(source, clock)
    assert 3 == entrance.sign_ins


@each_renewed
async def test_leaving_closes_the_connection_of_the_sign_in(entrance: Entrance, scheme: str) -> None:
    entrance.control.faults.append(Fault(path="/[Ll]ogin/*", mode="hang"))
    async with entrance.source(scheme) as source:
        asking = asyncio.create_task(source.check(inquire("crm", entrance.clock)))
        await entrance.control.until(lambda control: control.asked == 1)
        asking.cancel()
        await entrance.control.until(lambda control: control.closed_early == 1)


@each_renewed
async def test_a_tenant_that_has_moved_and_a_credential_that_has_expired_are_both_put_right(
    entrance: Entrance, scheme: str
) -> None:
    """The host that signs in is not the one that moves."""
    async with entrance.source(scheme, base_url=None, customer="Cust12345", allowed_domain="127.0.0.1") as source:
        assert 1 == await entrance.check(source)
        await entrance.clock.advance(60)
        entrance.control.switches.update({"host": "moved", "credential": "expired"})
        assert 3 == await entrance.check(source)
    assert 2 == entrance.sign_ins
