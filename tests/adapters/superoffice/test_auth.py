"""What each scheme puts into a request, and what that opens."""

from datetime import timedelta

import pytest

from adapters.errors import CredentialRefusedError, PermissionRefusedError, SourceError
from adapters.superoffice.simulated.credentials import COOKIE, XSRF_TOKEN
from tests.adapters.superoffice.entrance import RENEWED, SCHEMES, Entrance
from tests.clock import START
from tests.running import inquire

FIXED = [scheme for scheme in SCHEMES if scheme not in RENEWED]


async def headers_of(entrance: Entrance, scheme: str, auth: dict[str, str], **changes: object) -> dict[str, str]:
    settings = entrance.settings(scheme, auth, **changes)
    async with entrance.credential(settings) as credential:
        return dict(await credential.headers(inquire("crm", entrance.clock)))


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_every_scheme_opens_the_data(entrance: Entrance, scheme: str) -> None:
    async with entrance.source(scheme) as source:
        assert 1 == await entrance.check(source)
        assert scheme == source.connection.credential_scheme


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_nothing_is_sent_before_it_is_wanted(entrance: Entrance, scheme: str) -> None:
    async with entrance.source(scheme) as source:
        assert source.connection.credential_expire_time is None
    assert 0 == entrance.control.asked


@pytest.mark.parametrize("scheme", FIXED)
@pytest.mark.parametrize(("refusal", "error"), [("401", CredentialRefusedError), ("403", PermissionRefusedError)])
async def test_a_fixed_credential_that_is_refused_is_told_at_once(
    entrance: Entrance, scheme: str, refusal: str, error: type[SourceError]
) -> None:
    async with entrance.source(scheme) as source:
        entrance.control.switches.update({"credential": "expired", "refusal": refusal})
        with pytest.raises(error):
            await entrance.check(source)
    assert 1 == entrance.control.asked


async def test_quirk_13_a_ticket_goes_as_it_is_with_the_applications_secret_beside_it(entrance: Entrance) -> None:
    sent = await headers_of(entrance, "ticket", {"ticket": "7T:abc==", "app_token": "hidden"})
    assert {"Authorization": "SOTicket 7T:abc==", "SO-AppToken": "hidden"} == sent


async def test_on_site_a_ticket_needs_no_secret_beside_it(entrance: Entrance) -> None:
    entrance.control.switches["environment"] = "onsite"
    async with entrance.source("ticket", {"app_token": None}) as source:
        assert 1 == await entrance.check(source)


async def test_quirk_13_online_refuses_a_ticket_without_that_secret(entrance: Entrance) -> None:
    async with entrance.source("ticket", {"app_token": "guessed"}) as source:
        with pytest.raises(CredentialRefusedError):
            await entrance.check(source)


async def test_a_session_shows_its_cookies_and_its_token_and_no_authorization(entrance: Entrance) -> None:
    sent = await headers_of(entrance, "xsrf", {"cookie": "sid=1; theme=dark", "xsrf_token": "abc1234"})
    assert {"Cookie": "sid=1; theme=dark; XSRF-TOKEN=abc1234", "X-XSRF-TOKEN": "abc1234"} == sent


@pytest.mark.parametrize("token", ["abc/1234==", "abc%2F1234%3D%3D"])
async def test_a_cookie_of_the_token_that_is_configured_goes_as_it_is(entrance: Entrance, token: str) -> None:
    cookie = "XSRF-TOKEN=abc%2F1234%3D%3D; sid=1"
    sent = await headers_of(entrance, "xsrf", {"cookie": cookie, "xsrf_token": token})
    assert {"Cookie": cookie, "X-XSRF-TOKEN": token} == sent


@pytest.mark.parametrize("auth", [{"cookie": "sid=guessed"}, {"xsrf_token": "guessed"}])
async def test_a_session_is_cookie_and_token_together(entrance: Entrance, auth: dict[str, str]) -> None:
    async with entrance.source("xsrf", auth) as source:
        with pytest.raises(CredentialRefusedError):
            await entrance.check(source)
    async with entrance.source("xsrf", {"cookie": f"{COOKIE}; XSRF-TOKEN={XSRF_TOKEN}"}) as source:
        assert 1 == await entrance.check(source)


async def test_when_a_ticket_of_online_ends_is_known_from_its_first_use_on(entrance: Entrance) -> None:
    settings = entrance.settings("ticket", base_url="https://online2.superoffice.com/Cust12345")
    inquiry = inquire("crm", entrance.clock)
    async with entrance.credential(settings) as credential:
        assert credential.expire_time is None
        await credential.headers(inquiry)
        assert START + timedelta(hours=6) == credential.expire_time
        await entrance.clock.advance(3600)
        sent = await credential.headers(inquiry)
        assert START + timedelta(hours=7) == credential.expire_time
        assert not await credential.renew(sent, inquiry)
        assert credential.expire_time is None


async def test_a_ticket_ends_six_hours_after_its_last_use(entrance: Entrance) -> None:
    async with entrance.source("ticket") as source:
        await entrance.check(source)
        for _ in range(3):
            await entrance.clock.advance(5.9 * 3600)
            await entrance.check(source)
        await entrance.clock.advance(6 * 3600)
        with pytest.raises(CredentialRefusedError):
            await entrance.check(source)
