"""Which JWTs are believed."""

from collections.abc import Mapping
from datetime import timedelta

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.errors import InvalidResponseError
from adapters.superoffice.auth.signed_token import LEEWAY, payload_of, signing_keys, ticket_in
from adapters.superoffice.auth.wire import Key
from adapters.superoffice.simulated import keys
from tests.clock import START

NOW = int(START.timestamp())
CLAIM = "http://schemes.superoffice.net/identity"
CLAIMS = {
    "iss": "SuperOffice AS",
    "aud": "spn:1000012345",
    "iat": str(NOW),
    "nbf": NOW - 60,
    "exp": NOW + 300,
    f"{CLAIM}/ctx": "Cust12345",
    f"{CLAIM}/serial": "1000012345",
    f"{CLAIM}/ticket": "7T:abc==",
}


def published(name: str, **changes: str | None) -> Key:
    return Key(
        **{"kty": "RSA", **{k: v for k, v in keys.published(name).items() if k in {"n", "e", "kid", "x5t"}}, **changes}
    )


FIRST = published("first")


def signed(
    name: str = "first", headers: dict[str, str] | None = None, changes: Mapping[str, object] | None = None
) -> str:
    claims = {key: value for key, value in {**CLAIMS, **(changes or {})}.items() if value is not None}
    return jwt.encode(claims, keys.private_key(name), algorithm="RS256", headers=headers)


def ticket(changes: Mapping[str, object] | None = None) -> str:
    payload = payload_of(signed(changes=changes), signing_keys([FIRST]))
    assert payload is not None
    return ticket_in(payload, customer="Cust12345", now=START).get_secret_value()


def test_a_sound_token_gives_its_ticket() -> None:
    assert "7T:abc==" == ticket()


@pytest.mark.parametrize("headers", [{}, {"kid": "first"}, {"x5t": "first"}, {"kid": "other", "x5t": "first"}])
def test_a_key_is_called_by_either_of_its_names_or_by_none(headers: dict[str, str]) -> None:
    found = signing_keys([published("second"), FIRST])
    assert payload_of(signed(headers=headers), found) is not None


def test_a_key_with_the_right_name_has_to_fit_and_one_that_fits_has_to_have_the_name() -> None:
    found = signing_keys([FIRST])
    assert payload_of(signed("second", {"kid": "first"}), found) is None
    assert payload_of(signed("first", {"kid": "second"}), found) is None


def test_a_token_does_not_choose_who_vouches_for_it() -> None:
    """`jku` and `x5u` say where a key may be fetched: only published ones count."""
    told = {"kid": "first", "jku": "https://evil.example/keys", "x5u": "https://evil.example/certificate"}
    assert payload_of(signed("stranger", told), signing_keys([FIRST])) is None
    assert payload_of(signed("first", told), signing_keys([FIRST])) is not None


@pytest.mark.parametrize(
    "changes",
    [
        {"kty": "EC"},
        {"kty": None},
        {"n": None},
        {"n": ""},
        {"n": "?"},
        {"n": "é"},
        {"e": None},
        {"e": "AA"},
        {"n": "AQAB"},
        {"n": f"{'A' * 4000}{FIRST.n}"},
        {"e": f"{'A' * 4000}AQAB"},
    ],
)
def test_what_is_no_sound_key_is_passed_over(changes: dict[str, str | None]) -> None:
    assert [] == signing_keys([published("first", **changes)])


def test_of_very_many_keys_only_the_first_are_looked_at() -> None:
    """To make ready forty thousand, which fit into one answer, would keep the loop waiting for a second."""
    published_keys = iter([FIRST] * 1000)
    assert 16 == len(signing_keys(published_keys))
    assert 1000 - 16 == len(list(published_keys))


@given(at=st.integers(min_value=0, max_value=10_000), character=st.characters(codec="ascii"))
@settings(max_examples=200, deadline=None)
def test_no_letter_of_it_can_be_changed(at: int, character: str) -> None:
    token = signed(headers={"kid": "first"})
    at %= len(token)
    changed = f"{token[:at]}{character}{token[at + 1 :]}"
    try:
        payload = payload_of(changed, signing_keys([FIRST]))
    except InvalidResponseError:
        return
    # The last letter of a part has bits that mean nothing: what they say is the same then.
    assert payload in {None, payload_of(token, signing_keys([FIRST]))}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"iss": "https://sod.superoffice.com"}, "another issuer"),
        ({"iss": None}, "another issuer"),
        ({"aud": "spn:2"}, "not meant for a system user"),
        ({"aud": None}, "not meant for a system user"),
        ({f"{CLAIM}/serial": None, "aud": "spn:"}, "not meant for a system user"),
        ({f"{CLAIM}/ctx": "Cust1234"}, "for another customer"),
        ({"exp": None}, "until when"),
        ({"exp": "soon"}, "until when"),
        ({"exp": "nan"}, "until when"),
        ({"nbf": "soon"}, "from when"),
        ({"exp": NOW - LEEWAY.total_seconds()}, "has expired"),
        ({"nbf": NOW + LEEWAY.total_seconds() + 1}, "not valid yet"),
        ({f"{CLAIM}/ticket": ""}, "no ticket"),
        ({f"{CLAIM}/ticket": "7T:a\r\nX-Admin: 1"}, "no ticket"),
    ],
)
def test_a_claim_that_is_not_as_it_must_be_is_told(changes: dict[str, object], why: str) -> None:
    payload = payload_of(signed(changes=changes), signing_keys([FIRST]))
    assert payload is not None
    with pytest.raises(InvalidResponseError, match=why):
        ticket_in(payload, customer="Cust12345", now=START)


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": NOW - LEEWAY.total_seconds() + 1},
        {"exp": str(NOW + 5)},
        {"nbf": NOW + LEEWAY.total_seconds()},
        {"nbf": None},
        {"iat": NOW + 86_400},
        {"iat": None},
        {"iat": "yesterday"},
        {"aud": ["x", "spn:1000012345"]},
        {f"{CLAIM}/ctx": "CUST12345"},
        {f"{CLAIM}/ctx": None},
    ],
)
def test_what_does_not_matter_does_not(changes: dict[str, object]) -> None:
    """Clocks may differ by a minute, and `iat` is a text, whatever RFC 7519 says."""
    assert "7T:abc==" == ticket(changes)


def test_the_leeway_is_small() -> None:
    assert timedelta(minutes=1) == LEEWAY
