"""No secret of any kind of credential is told, whatever an upstream does with it."""

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
import structlog
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from adapters import installed
from tests.adapters.transport.playing import playing
from tests.end_to_end.outcomes import FAILED
from tests.end_to_end.serving import IDS, Gateway, Json, serving
from unified.analytics.v1.source_service_pb2 import CheckSourceRequest, GetSourceRequest, ListSourcesRequest

PRIVATE_KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    .decode()
)

AUTH: dict[str, Json] = {
    "basic": {"username": "svc", "password": "pass word/s3cret"},
    "bearer": {"token": "bearer-s3cret"},
    "ticket": {"ticket": "7T:ticket-s3cret", "app_token": "app-s3cret"},
    "xsrf": {"cookie": "session=cookie-s3cret", "xsrf_token": "xsrf-s3cret"},
    "oauth": {"client_id": "app", "client_secret": "client-s3cret", "refresh_token": "refresh-s3cret"},
    "system-user": {
        "client_secret": "system-s3cret",
        "system_user_token": "Gateway-s3cret",
        "private_key": PRIVATE_KEY,
    },
}
"""By scheme, what it takes."""

OWN: dict[str, Json] = {"superoffice": {}, "fluidtopics": {}, "zylon": {"org": "auroralabs"}}
"""What each kind takes besides."""

SIGNS_IN = {"oauth": ("online_url",), "system-user": ("online_url", "customer")}
"""What schemes that sign in take besides."""


def schemes(kind: str) -> set[str]:
    """Those that a kind's settings take."""
    models = installed()[kind].settings.model_json_schema()["$defs"].values()
    return {model["properties"]["scheme"]["const"] for model in models if "scheme" in model.get("properties", {})}


def every_credential(address: str) -> dict[str, Json]:
    """A source for each kind and scheme."""
    signing_in = {"online_url": address, "customer": "Cust12345"}
    return {
        f"{kind}_{scheme}".replace("-", "_"): {
            "kind": kind,
            "base_url": address,
            "auth": {"scheme": scheme, **AUTH[scheme]},
            "retry": {"attempts": 1},
            **OWN[kind],
            **{key: signing_in[key] for key in SIGNS_IN.get(scheme, ())},
        }
        for kind in IDS.values()
        for scheme in schemes(kind)
    }


def secrets() -> Iterator[str]:
    """In each form in which they travel."""
    pair = AUTH["basic"]
    yield base64.b64encode(f"{pair['username']}:{pair['password']}".encode()).decode()
    yield "s3cret"
    yield quote("pass word/s3cret", safe="")
    yield from (line for line in PRIVATE_KEY.splitlines() if not line.startswith("-----"))


async def everything_told(gateway: Gateway, sources: dict[str, Json]) -> str:
    """All that the service for sources says, over both fronts, and what is logged meanwhile."""
    told: list[Any] = []
    with structlog.testing.capture_logs() as logs:
        for source in sources:
            check = CheckSourceRequest(source=source)
            answer = await gateway.unary(check)
            assert FAILED == answer.outcome.state, source
            told += [answer, await gateway.rest(check)]
        for request in (ListSourcesRequest(), *(GetSourceRequest(source=source) for source in sources)):
            told += [await gateway.unary(request), await gateway.rest(request)]
    return f"{told} {logs}"


def echo(seen: str, status: int) -> web.Response:
    """All that was sent, wherever an answer has room for it."""
    headers = {"Location": f"/?{quote(seen)}", "X-Seen": quote(seen), "Set-Cookie": f"seen={quote(seen)}"}
    return web.Response(status=status, reason=quote(seen)[:200], text=seen, headers=headers)


def granted(_: str) -> web.Response:
    return web.json_response({"access_token": "granted-s3cret", "token_type": "Bearer", "expires_in": 3600})


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 421, 429, 500])
async def test_an_upstream_that_repeats_all_that_it_was_sent_is_not_repeated(status: int) -> None:
    async def handler(request: web.Request) -> web.Response:
        seen = f"{request.path_qs} {dict(request.headers)} {await request.text()}"
        return granted(seen) if "tokens" in request.path and status != 400 else echo(seen, status)

    async with playing(handler) as address:
        sources = every_credential(address)
        async with serving(sources) as gateway:
            told = await everything_told(gateway, sources)

    assert all(source in told for source in sources)
    assert [] == [secret for secret in secrets() if secret in told]


def test_every_scheme_is_played() -> None:
    assert AUTH.keys() == {scheme for kind in IDS.values() for scheme in schemes(kind)}
