"""The token endpoint, as an application with a user's consent meets it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
from aiohttp import web

from adapters.errors import CredentialRefusedError, InvalidResponseError, RequestRefusedError, SourceError
from adapters.superoffice.simulated.token_endpoint import CLIENT_ID, REDIRECT_URI, REFRESH_TOKEN
from tests.adapters.superoffice.entrance import Entrance
from tests.adapters.transport.playing import playing
from tests.clock import START
from tests.running import inquire


@asynccontextmanager
async def answering(answer: object, status: int = 200) -> AsyncIterator[str]:
    """A host whose token endpoint has this one answer."""

    async def handler(_request: web.Request) -> web.Response:
        body = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
        return web.Response(body=body, status=status, content_type="application/json")

    async with playing(handler) as url:
        yield url


async def failure(entrance: Entrance, answer: object, status: int = 200) -> SourceError:
    async with answering(answer, status) as url, entrance.source("oauth", online_url=url) as source:
        with pytest.raises(SourceError) as caught:
            await entrance.check(source)
    return caught.value


async def test_a_renewal_is_a_form_with_a_refresh_token(entrance: Entrance) -> None:
    async with entrance.source("oauth") as source:
        await entrance.check(source)
    request = entrance.control.requests[0]
    assert ("POST", "/login/common/oauth/tokens", {}) == (request.method, request.path, request.query)
    assert "application/x-www-form-urlencoded" == request.headers["content-type"]
    assert "application/json" == request.headers["accept"]
    (form,) = entrance.forms()
    assert {"grant_type", "client_id", "client_secret", "refresh_token"} == form.keys()
    assert ("refresh_token", CLIENT_ID, REFRESH_TOKEN) == (
        form["grant_type"],
        form["client_id"],
        form["refresh_token"],
    )


async def test_a_redirect_uri_goes_along_if_there_is_one(entrance: Entrance) -> None:
    async with entrance.source("oauth", {"redirect_uri": REDIRECT_URI}) as source:
        await entrance.check(source)
    assert [REDIRECT_URI] == [form["redirect_uri"] for form in entrance.forms()]


@pytest.mark.parametrize("told", ["number", "text", "absent"])
async def test_the_answers_own_word_on_the_end_is_trusted(entrance: Entrance, told: str) -> None:
    """Where it says nothing, twenty minutes are assumed, the shortest that SuperOffice's pages name."""
    entrance.control.switches["expires_in"] = told
    async with entrance.source("oauth") as source:
        await entrance.check(source)
        expected = START + (timedelta(minutes=20) if told == "absent" else timedelta(hours=1))
        assert expected == source.connection.credential_expire_time


@pytest.mark.parametrize(
    ("told", "seconds"),
    [(90, 90), ("60", 60), (90.5, 90.5), (0, 1200), (-5, 1200), ("soon", 1200), (None, 1200), (True, 1200),
     (1e300, 1200), ("nan", 1200), ("9" * 5000, 1200), ([90], 1200)],
)  # fmt: skip
async def test_an_end_that_makes_no_sense_is_as_good_as_none(entrance: Entrance, told: object, seconds: float) -> None:
    answer = {"access_token": "8A:x", "token_type": "bearer", "expires_in": told}
    async with (
        answering(answer) as url,
        entrance.credential(entrance.settings("oauth", online_url=url)) as credential,
    ):
        await credential.headers(inquire("crm", entrance.clock))
        assert START + timedelta(seconds=seconds) == credential.expire_time


async def test_a_short_life_is_not_spent_on_renewals(entrance: Entrance) -> None:
    """The margin is a tenth of it then: a token of half a minute serves for 27 seconds."""
    answer = {"access_token": "8A:x", "token_type": "Bearer", "expires_in": 30}
    count = 0

    async def handler(_request: web.Request) -> web.Response:
        nonlocal count
        count += 1
        return web.json_response(answer)

    async with (
        playing(handler) as url,
        entrance.credential(entrance.settings("oauth", online_url=url)) as credential,
    ):
        for seconds, expected in ((26, 1), (1, 2)):
            await credential.headers(inquire("crm", entrance.clock))
            await entrance.clock.advance(seconds)
            await credential.headers(inquire("crm", entrance.clock))
            assert expected == count


async def test_a_new_refresh_token_takes_the_place_of_the_former(entrance: Entrance) -> None:
    """SuperOffice documents none, but RFC 6749 allows it."""
    entrance.control.switches["rotation"] = "on"
    async with entrance.source("oauth") as source:
        for _ in range(3):
            await entrance.check(source)
            await entrance.clock.advance(3600)
    sent = [form["refresh_token"] for form in entrance.forms()]
    assert [REFRESH_TOKEN, f"{REFRESH_TOKEN}-1", f"{REFRESH_TOKEN}-2"] == sent


async def test_a_renewal_without_a_new_refresh_token_keeps_the_former(entrance: Entrance) -> None:
    async with entrance.source("oauth") as source:
        for rotation in ("on", "off", "off"):
            entrance.control.switches["rotation"] = rotation
            await entrance.check(source)
            await entrance.clock.advance(3600)
    sent = [form["refresh_token"] for form in entrance.forms()]
    assert [REFRESH_TOKEN, f"{REFRESH_TOKEN}-1", f"{REFRESH_TOKEN}-1"] == sent


@pytest.mark.parametrize(
    ("auth", "kind", "text"),
    [
        ({"refresh_token": "old"}, CredentialRefusedError, r"auth\.refresh_token .*\(invalid_grant\).* consent again"),
        ({"client_secret": "old"}, CredentialRefusedError, r"auth\.client_secret .*\(invalid_client\)"),
        ({"client_id": "other"}, CredentialRefusedError, r"auth\.client_id .*\(invalid_client\)"),
        ({"redirect_uri": "https://x.example"}, RequestRefusedError, r"\(invalid_request\): auth\.redirect_uri"),
    ],
)
async def test_a_refusal_says_what_to_do(
    entrance: Entrance, auth: dict[str, str], kind: type[SourceError], text: str
) -> None:
    async with entrance.source("oauth", auth) as source:
        with pytest.raises(kind, match=text) as caught:
            await entrance.check(source)
    assert "ada.berg" not in str(caught.value)
    assert 1 == entrance.sign_ins


@pytest.mark.parametrize("status", [200, 400, 401, 403])
@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("invalid_grant", CredentialRefusedError),
        ("invalid_client", CredentialRefusedError),
        ("unauthorized_client", CredentialRefusedError),
        ("invalid_request", RequestRefusedError),
        ("unsupported_grant_type", RequestRefusedError),
        ("invalid_scope", RequestRefusedError),
    ],
)
async def test_the_codes_of_the_standard_are_told_with_every_status(
    entrance: Entrance, status: int, code: str, kind: type[SourceError]
) -> None:
    error = await failure(entrance, {"error": code, "error_description": "ada.berg"}, status)
    assert kind is type(error)
    assert f"({code})" in str(error)
    assert "ada.berg" not in str(error)


@pytest.mark.parametrize("body", [{"error": "ada.berg is locked"}, b"<html>ada.berg</html>", {"error": 5}, b"", []])
async def test_no_other_word_of_a_refusal_is_repeated(entrance: Entrance, body: object) -> None:
    error = await failure(entrance, body, 400)
    assert RequestRefusedError is type(error)
    assert str(error).endswith("The upstream did not accept the request (400).")


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"null",
        b"[]",
        b"<html>",
        {},
        {"access_token": None},
        {"access_token": ""},
        {"access_token": 5},
        {"access_token": "two words"},
        {"access_token": "8A:" + "x" * 8192},
        {"access_token": "8A:x\r\nX-Admin: 1"},
        {"access_token": "8A:x", "token_type": "mac"},
        {"error": "ada.berg is locked"},
    ],
)
async def test_an_answer_without_a_token_is_none(entrance: Entrance, answer: object) -> None:
    error = await failure(entrance, answer)
    assert InvalidResponseError is type(error)
    assert "ada.berg" not in str(error)
    assert 0 == entrance.data_requests


async def test_a_client_secret_is_encoded_as_forms_are(entrance: Entrance) -> None:
    async with entrance.source("oauth", {"client_secret": "a&b=c+d%"}) as source:
        with pytest.raises(CredentialRefusedError):
            await entrance.check(source)
    assert ["a&b=c+d%"] == [form["client_secret"] for form in entrance.forms()]
