"""System users, played: their sign-in, the JWT that it answers, and the keys that this is signed with."""

import base64
import binascii
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import jwt
import msgspec
from aiohttp import web
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from msgspec import Struct

from adapters.clock import Clock
from adapters.simulation import Control
from adapters.superoffice.simulated import keys
from adapters.superoffice.simulated.credentials import CLIENT_SECRET, Credentials

SYSTEM_USER_TOKEN = "Analytics Gateway-sandbox8k8Q"  # noqa: S105 - fictional

SWITCHES = {
    "jwt": (
        "ok",
        "no-key-id",
        "unpublished-key",
        "unsigned",
        "hmac",
        "other-issuer",
        "other-audience",
        "other-customer",
        "expired",
        "not-yet",
        "no-ticket",
    ),
    "signing_key": ("first", "second"),
}
"""What is wrong with the JWT, and which key is published; the README tells more."""

_APPLICATION = "application"
_SERIAL = "1000012345"
_CLAIM = "http://schemes.superoffice.net/identity"
_CLOCKS_DIFFER = timedelta(minutes=5)


class _AuthenticationRequest(Struct, rename="pascal", kw_only=True):
    signed_system_token: str
    application_token: str
    context_identifier: str
    return_token_type: str


def private_key() -> str:
    """The application's key in PEM, another one in each process."""
    return keys.pem(_APPLICATION)


def system_users(credentials: Credentials, control: Control, clock: Clock, path: str) -> list[web.RouteDef]:
    """What signs system users in to the tenant of that path, such as `/Cust12345`, on the host that signs in."""
    customer = path.strip("/")

    async def authenticate(request: web.Request) -> web.Response:
        try:
            asked = msgspec.json.decode(await request.read(), type=_AuthenticationRequest)
        except msgspec.DecodeError as error:
            raise web.HTTPBadRequest from error
        if asked.return_token_type.upper() != "JWT":
            raise web.HTTPBadRequest
        if credentials.mood == "revoked" or not _is_known(asked, customer, clock.now()):
            text = f"No application {asked.application_token} for {asked.context_identifier}"
            return web.json_response({"IsSuccessful": False, "Token": None, "ErrorMessage": text})
        token = _token(credentials.issue_ticket(), customer, clock.now(), control.switches)
        return web.json_response({"IsSuccessful": True, "Token": token, "ErrorMessage": None})

    async def publish(_request: web.Request) -> web.Response:
        return web.json_response({"keys": [keys.published(control.switches["signing_key"])]})

    return [
        web.post("/Login/api/PartnerSystemUser/Authenticate", authenticate),
        web.get("/login/.well-known/jwks", publish),
    ]


def _is_known(asked: _AuthenticationRequest, customer: str, now: datetime) -> bool:
    """Whether the application has signed this, just now, for its own system user in this tenant."""
    who = (asked.application_token, asked.context_identifier.casefold())
    signed, _, signature = asked.signed_system_token.rpartition(".")
    token, _, minute = signed.rpartition(".")
    return (
        who == (CLIENT_SECRET, customer.casefold())
        and token == SYSTEM_USER_TOKEN
        and _is_now(minute, now)
        and _is_signed(signed, signature)
    )


def _is_now(minute: str, now: datetime) -> bool:
    try:
        stamped = datetime.strptime(minute, "%Y%m%d%H%M").replace(tzinfo=UTC)
    except ValueError:
        return False
    return abs(now - stamped) <= _CLOCKS_DIFFER


def _is_signed(signed: str, signature: str) -> bool:
    public = keys.private_key(_APPLICATION).public_key()
    try:
        public.verify(base64.b64decode(signature, validate=True), signed.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True


def _token(ticket: str, customer: str, now: datetime, switches: Mapping[str, str]) -> str:
    """The JWT that holds a ticket, with what the switch wants to be wrong about it."""
    claims = _claims(ticket, customer, now, switches["jwt"])
    signer, key_id = switches["signing_key"], {"kid": switches["signing_key"]}
    match switches["jwt"]:
        case "unsigned":
            return jwt.encode(claims, "", algorithm="none", headers=key_id)
        case "hmac":
            return jwt.encode(claims, keys.published(signer)["n"], algorithm="HS256", headers=key_id)
        case "unpublished-key":
            return jwt.encode(claims, keys.private_key("stranger"), algorithm="RS256", headers=key_id)
        case "no-key-id":
            return jwt.encode(claims, keys.private_key(signer), algorithm="RS256")
        case _:
            return jwt.encode(claims, keys.private_key(signer), algorithm="RS256", headers=key_id)


def _claims(ticket: str, customer: str, now: datetime, wrong: str) -> dict[str, object]:
    shift = {"expired": -timedelta(hours=1), "not-yet": timedelta(hours=1)}.get(wrong, timedelta(0))
    issued = int((now + shift).timestamp())
    claims: dict[str, object] = {
        "iss": "https://sod.superoffice.com" if wrong == "other-issuer" else "SuperOffice AS",
        "aud": "sandbox-superoffice-client" if wrong == "other-audience" else f"spn:{_SERIAL}",
        # A text, as in the documentation's example.
        "iat": str(issued),
        "nbf": issued - 60,
        "exp": issued + 300,
        f"{_CLAIM}/ctx": "Cust99999" if wrong == "other-customer" else customer,
        f"{_CLAIM}/serial": _SERIAL,
        f"{_CLAIM}/ticket": ticket,
    }
    if wrong == "no-ticket":
        del claims[f"{_CLAIM}/ticket"]
    return claims
