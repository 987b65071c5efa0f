"""The simulated sign-in, asked as anybody may ask it."""

import base64
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp
import msgspec
import pytest

from adapters.simulation.control import Change
from adapters.superoffice.simulated import keys
from adapters.superoffice.simulated.credentials import CLIENT_SECRET, COOKIE, TICKET, TOKEN, XSRF_TOKEN
from adapters.superoffice.simulated.sources import source_tables
from adapters.superoffice.simulated.token_endpoint import CLIENT_ID, REDIRECT_URI, REFRESH_TOKEN
from tests.adapters.superoffice.entrance import KEYS, SIGN_INS, Entrance

FORM = {
    "grant_type": "refresh_token",
    "client_id": CLIENT_ID,
    "client_secret": CLIENT_SECRET,
    "refresh_token": REFRESH_TOKEN,
}
SESSION = {"Cookie": f"{COOKIE}; XSRF-TOKEN={XSRF_TOKEN}", "X-XSRF-TOKEN": XSRF_TOKEN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    session: aiohttp.ClientSession
    entrance: Entrance
    url: str

    async def token(self, form: Mapping[str, str], **headers: str) -> tuple[int, dict[str, object]]:
        async with self.session.post(self.url + SIGN_INS[0], data=form, headers=headers) as response:
            return response.status, await response.json()

    async def authenticate(self, body: object) -> tuple[int, dict[str, object]]:
        async with self.session.post(self.url + SIGN_INS[1], data=msgspec.json.encode(body)) as response:
            text = await response.text()
            return response.status, msgspec.json.decode(text) if response.status == 200 else {}

    async def data(self, headers: Mapping[str, str]) -> int:
        path = "/Cust12345/api/v1/Agents/Diagnostics/GetAnalyticsData"
        async with self.session.post(self.url + path, headers=headers) as response:
            return response.status


@pytest.fixture
async def caller(entrance: Entrance) -> AsyncIterator[Caller]:
    url = entrance.base_url.removesuffix("/Cust12345")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        yield Caller(session=session, entrance=entrance, url=url)


async def test_an_access_token_is_good_for_an_hour(caller: Caller) -> None:
    _, granted = await caller.token(FORM)
    bearer = {"Authorization": f"Bearer {granted['access_token']}"}
    assert {"token_type", "access_token", "expires_in", "id_token"} == granted.keys()
    assert 200 == await caller.data(bearer)
    await caller.entrance.clock.advance(3599)
    assert 200 == await caller.data(bearer)
    await caller.entrance.clock.advance(1)
    assert 401 == await caller.data(bearer)


async def test_each_access_token_is_another(caller: Caller) -> None:
    assert 2 == len({str((await caller.token(FORM))[1]["access_token"]) for _ in range(2)})


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_secret": "guessed"}, 401, "invalid_client"),
        ({"client_id": "guessed"}, 401, "invalid_client"),
        ({"refresh_token": "guessed"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"redirect_uri": "https://elsewhere.example"}, 400, "invalid_request"),
    ],
)
async def test_the_token_endpoint_says_what_is_wrong(
    caller: Caller, changes: dict[str, str], status: int, error: str
) -> None:
    answered, refusal = await caller.token(FORM | changes)
    assert (status, error) == (answered, refusal["error"])


@pytest.mark.parametrize(("secret", "status"), [(CLIENT_SECRET, 200), ("guessed", 401)])
async def test_a_client_may_say_who_it_is_by_basic(caller: Caller, secret: str, status: int) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": REFRESH_TOKEN, "redirect_uri": REDIRECT_URI}
    basic = aiohttp.encode_basic_auth(CLIENT_ID, secret)
    assert status == (await caller.token(form, Authorization=basic))[0]


async def test_a_client_that_does_not_say_who_it_is_is_refused(caller: Caller) -> None:
    assert 401 == (await caller.token(FORM, Authorization="Basic nonsense"))[0]


def signed(entrance: Entrance, **changes: str) -> dict[str, str]:
    """A sign-in of the system user, as the settings have it."""
    auth = source_tables(entrance.base_url)["system-user"]["auth"]
    assert isinstance(auth, dict)
    return {
        "SignedSystemToken": f"{auth['system_user_token']}.202603181200.{base64.b64encode(b'forged').decode()}",
        "ApplicationToken": CLIENT_SECRET,
        "ContextIdentifier": "Cust12345",
        "ReturnTokenType": "JWT",
        **changes,
    }


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "Analytics Gateway-sandbox8k8Q.202603181200.?"])
async def test_a_signature_that_is_none_is_refused_in_the_answer(caller: Caller, token: str) -> None:
    status, answer = await caller.authenticate(signed(caller.entrance, SignedSystemToken=token))
    assert (200, False, None) == (status, answer["IsSuccessful"], answer["Token"])


async def test_a_forged_signature_is_refused_in_the_answer(caller: Caller) -> None:
    assert False is (await caller.authenticate(signed(caller.entrance)))[1]["IsSuccessful"]


@pytest.mark.parametrize("body", [{}, [], {"SignedSystemToken": 5}])
async def test_what_is_no_sign_in_is_a_bad_request(caller: Caller, body: object) -> None:
    assert 400 == (await caller.authenticate(body))[0]


async def test_only_json_web_tokens_are_played(caller: Caller) -> None:
    assert 400 == (await caller.authenticate(signed(caller.entrance, ReturnTokenType="SAML")))[0]


async def test_the_key_that_is_published_is_the_one_that_signs(caller: Caller) -> None:
    for name in ("first", "second"):
        caller.entrance.control.switches["signing_key"] = name
        async with caller.session.get(caller.url + KEYS) as response:
            assert {"keys": [keys.published(name)]} == await response.json()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Authorization": f"Bearer {TOKEN}"}, 200),
        ({"Authorization": f"bearer {TOKEN}"}, 200),
        ({"Authorization": f"SOTICKET {TICKET}", "SO-AppToken": CLIENT_SECRET}, 200),
        ({"Authorization": f"SOTicket {TICKET}"}, 401),
        ({"Authorization": f"Negotiate {TOKEN}"}, 401),
        (SESSION, 200),
        ({"Cookie": SESSION["Cookie"]}, 401),
        ({"X-XSRF-TOKEN": XSRF_TOKEN}, 401),
        ({**SESSION, "Authorization": "Bearer guessed"}, 401),
        ({}, 401),
    ],
    ids=str,
)
async def test_each_scheme_wants_all_of_its_headers(caller: Caller, headers: dict[str, str], status: int) -> None:
    assert status == await caller.data(headers)


@pytest.mark.parametrize("refusal", ["401", "403"])
@pytest.mark.parametrize("mood", ["expired", "revoked"])
async def test_credentials_may_have_expired_or_been_revoked(caller: Caller, mood: str, refusal: str) -> None:
    _, granted = await caller.token(FORM)
    caller.entrance.control.switches.update({"credential": mood, "refusal": refusal})
    for known in (TOKEN, granted["access_token"]):
        assert int(refusal) == await caller.data({"Authorization": f"Bearer {known}"})
    status, _ = await caller.token(FORM)
    assert (200 if mood == "expired" else 400) == status


async def test_credentials_expire_anew_each_time_that_it_is_said(caller: Caller) -> None:
    """Also where the switch is on already, or was off in between without anybody having asked."""
    control = caller.entrance.control
    for resets in (False, False, True):
        _, granted = await caller.token(FORM)
        bearer = {"Authorization": f"Bearer {granted['access_token']}"}
        assert 200 == await caller.data(bearer)
        if resets:
            control.reset()
        control.apply(Change(switches={"credential": "expired"}))
        assert 401 == await caller.data(bearer)


async def test_the_control_endpoint_tells_how_a_source_is_pointed_at_it(caller: Caller) -> None:
    """Whoever asks gets the address by which they have asked. It counts as no request."""
    async with caller.session.get(f"{caller.url}/_simulator/sources") as response:
        assert source_tables(caller.entrance.base_url) == await response.json()
    assert 0 == caller.entrance.control.asked
