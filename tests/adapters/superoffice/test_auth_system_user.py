"""The sign-in of a system user: what is signed, and what is believed of the answer."""

import asyncio
import base64
from datetime import datetime, timedelta

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from adapters.errors import (
    CredentialRefusedError,
    InvalidResponseError,
    RedirectedError,
    ResponseTooLargeError,
    SourceError,
    UpstreamFailedError,
    UpstreamTimeoutError,
)
from adapters.simulation import Fault
from adapters.superoffice.auth.system_user import KEYS_LIFE
from adapters.superoffice.private_key import load_private_key
from adapters.superoffice.simulated import keys
from adapters.superoffice.simulated.credentials import CLIENT_SECRET
from adapters.superoffice.simulated.system_users import SYSTEM_USER_TOKEN, private_key
from tests.adapters.superoffice.entrance import KEYS, Entrance
from tests.clock import START, VirtualClock
from tests.running import inquire

SIX_HOURS = 6 * 3600


def sent(entrance: Entrance) -> dict[str, str]:
    """The body of the last sign-in."""
    bodies = [request.body for request in entrance.control.requests if request.path.endswith("/Authenticate")]
    return msgspec.json.decode(bodies[-1], type=dict[str, str])


async def test_token_and_minute_are_signed(entrance: Entrance) -> None:
    await entrance.clock.advance(8 * 60 + 59)
    async with entrance.source("system-user") as source:
        await entrance.check(source)
    body = sent(entrance)
    signed, _, signature = body.pop("SignedSystemToken").rpartition(".")
    assert f"{SYSTEM_USER_TOKEN}.202603181208" == signed
    public = load_private_key(private_key()).public_key()
    public.verify(base64.b64decode(signature), signed.encode(), PKCS1v15(), SHA256())
    assert {"ApplicationToken": CLIENT_SECRET, "ContextIdentifier": "Cust12345", "ReturnTokenType": "JWT"} == body


async def test_quirk_13_what_is_shown_is_the_ticket_and_the_secret_never_the_jwt(entrance: Entrance) -> None:
    async with entrance.credential(entrance.settings("system-user")) as credential:
        headers = await credential.headers(inquire("crm", entrance.clock))
    assert {"Authorization": "SOTicket 7T:sandbox-superoffice-ticket-1", "SO-AppToken": CLIENT_SECRET} == headers


@pytest.mark.parametrize("wrong", ["client_secret", "system_user_token", "private_key", "customer"])
async def test_a_refusal_in_the_answer_says_what_to_look_at(entrance: Entrance, wrong: str) -> None:
    customer = "Cust99999" if wrong == "customer" else "Cust12345"
    auth = {wrong: keys.pem("stranger") if wrong == "private_key" else "guessed"} if wrong != "customer" else {}
    async with entrance.source("system-user", auth, customer=customer) as source:
        with pytest.raises(CredentialRefusedError, match=r"private_key in auth, and customer; .* clock") as caught:
            await entrance.check(source)
    assert "No application" not in str(caught.value)
    assert 0 == entrance.data_requests


@pytest.mark.parametrize("seconds", [-3600, 3600])
async def test_a_clock_that_is_wrong_by_an_hour_is_refused(entrance: Entrance, seconds: int) -> None:
    await entrance.clock.advance(3600)
    clock = VirtualClock()
    await clock.advance(3600 + seconds)
    async with entrance.source("system-user", clock=clock) as source:
        with pytest.raises(CredentialRefusedError, match="this machine's clock"):
            await entrance.check(source, clock)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ("unpublished-key", "not signed with a key that SuperOffice publishes"),
        ("unsigned", "not signed with RS256"),
        ("hmac", "not signed with RS256"),
        ("other-issuer", "another issuer than SuperOffice AS"),
        ("other-audience", "not meant for a system user"),
        ("other-customer", "for another customer"),
        ("expired", "has expired: .* clock"),
        ("not-yet", "not valid yet: .* clock"),
        ("no-ticket", "holds no ticket"),
    ],
)
async def test_a_token_that_proves_nothing_opens_nothing(entrance: Entrance, wrong: str, text: str) -> None:
    entrance.control.switches["jwt"] = wrong
    async with entrance.source("system-user") as source:
        with pytest.raises(InvalidResponseError, match=text):
            await entrance.check(source)
    assert 0 == entrance.data_requests


async def test_a_token_that_does_not_name_its_key_is_tried_with_each(entrance: Entrance) -> None:
    entrance.control.switches["jwt"] = "no-key-id"
    async with entrance.source("system-user") as source:
        assert 1 == await entrance.check(source)


async def test_published_keys_are_asked_for_once_a_day(entrance: Entrance) -> None:
    async with entrance.source("system-user") as source:
        for _ in range(3):
            await entrance.check(source)
            await entrance.clock.advance(SIX_HOURS)
        assert (3, 1) == (entrance.sign_ins, entrance.asked(KEYS))
        await entrance.clock.advance(KEYS_LIFE.total_seconds() - 3 * SIX_HOURS)
        await entrance.check(source)
    assert (4, 2) == (entrance.sign_ins, entrance.asked(KEYS))


@pytest.mark.parametrize("name", ["ok", "no-key-id"])
async def test_a_key_that_is_new_is_asked_for_once(entrance: Entrance, name: str) -> None:
    entrance.control.switches["jwt"] = name
    async with entrance.source("system-user") as source:
        await entrance.check(source)
        await entrance.clock.advance(SIX_HOURS)
        entrance.control.switches["signing_key"] = "second"
        assert 1 == await entrance.check(source)
    assert (2, 2) == (entrance.sign_ins, entrance.asked(KEYS))


async def test_a_key_that_nobody_publishes_is_asked_for_once_more_and_not_again(entrance: Entrance) -> None:
    async with entrance.source("system-user") as source:
        await entrance.check(source)
        await entrance.clock.advance(SIX_HOURS)
        entrance.control.switches["jwt"] = "unpublished-key"
        with pytest.raises(InvalidResponseError):
            await entrance.check(source)
    assert (2, 2) == (entrance.sign_ins, entrance.asked(KEYS))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault(path=KEYS, mode="redirect"), RedirectedError),
        (Fault(path=KEYS, mode="endless"), ResponseTooLargeError),
        (Fault(path=KEYS, status=503), UpstreamFailedError),
        (Fault(path=KEYS, mode="wrong-types"), InvalidResponseError),
        (Fault(path=KEYS, mode="null"), InvalidResponseError),
    ],
)
async def test_without_published_keys_no_token_is_believed(
    entrance: Entrance, fault: Fault, error: type[SourceError]
) -> None:
    entrance.control.faults.append(fault)
    async with entrance.source("system-user", max_body_bytes=8192) as source:
        with pytest.raises(error, match=r"^Signing in at "):
            await entrance.check(source)
    assert (1, 0) == (entrance.asked(KEYS), entrance.data_requests)


async def test_keys_that_do_not_come_cost_no_more_than_the_call_has(entrance: Entrance) -> None:
    entrance.control.faults.append(Fault(path=KEYS, mode="hang"))
    async with entrance.source("system-user") as source:
        asking = asyncio.create_task(source.check(inquire("crm", entrance.clock, seconds=2)))
        await entrance.control.until(lambda _: 1 == entrance.asked(KEYS))
        await entrance.clock.advance(2)
        with pytest.raises(UpstreamTimeoutError, match="credential was being fetched"):
            await asking
        await entrance.control.until(lambda control: 1 == control.closed_early)


async def test_a_ticket_lives_six_hours_from_its_last_use(entrance: Entrance) -> None:
    def in_six_hours() -> datetime:
        return entrance.clock.now() + timedelta(hours=6)

    async with entrance.source("system-user") as source:
        for _ in range(4):
            await entrance.check(source)
            assert in_six_hours() == source.connection.credential_expire_time
            await entrance.clock.advance(5.9 * 3600)
        assert START + timedelta(hours=4 * 5.9) == entrance.clock.now()
        assert 1 == entrance.sign_ins
        await entrance.clock.advance(0.1 * 3600)
        assert 1 == await entrance.check(source)
    assert 2 == entrance.sign_ins


@pytest.mark.parametrize(
    "answer",
    [b"", b"null", b"[]", b"<html>", b"{}", b'{"IsSuccessful": true}', b'{"IsSuccessful": true, "Token": ""}'],
)
async def test_an_answer_without_a_token_is_none(entrance: Entrance, answer: bytes) -> None:
    entrance.control.rewrite = lambda _: answer
    async with entrance.source("system-user") as source:
        with pytest.raises(InvalidResponseError):
            await entrance.check(source)


@pytest.mark.parametrize("token", ["x", "a.b.c", "\x00", "é.é.é", "." * 100])
async def test_a_token_that_is_no_jwt_is_told_as_that(entrance: Entrance, token: str) -> None:
    entrance.control.rewrite = lambda _: msgspec.json.encode({"IsSuccessful": True, "Token": token})
    async with entrance.source("system-user") as source:
        with pytest.raises(InvalidResponseError, match=r"is no JWT\.$"):
            await entrance.check(source)
