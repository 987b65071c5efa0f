"""The token endpoint, played: it renews access tokens (RFC 6749, sections 5 and 6)."""

from collections.abc import Mapping

from aiohttp import encode_basic_auth, web

from adapters.simulation import Control
from adapters.superoffice.simulated.credentials import CLIENT_SECRET, TOKEN_LIFE, Credentials

CLIENT_ID = "sandbox-superoffice-client"
REFRESH_TOKEN = "sandbox-superoffice-refresh"  # noqa: S105 - fictional
REDIRECT_URI = "https://analytics.example.com/callback"

SWITCHES = {"expires_in": ("number", "text", "absent"), "rotation": ("off", "on")}
"""How the life of an access token is told, and whether the refresh token changes; the README tells more."""


def token_endpoint(credentials: Credentials, control: Control) -> list[web.RouteDef]:
    """What renews access tokens, on the host that signs in."""
    return [web.post("/login/common/oauth/tokens", _TokenEndpoint(credentials, control).answer)]


class _TokenEndpoint:
    def __init__(self, credentials: Credentials, control: Control) -> None:
        self._credentials = credentials
        self._control = control
        self._rotated = 0

    async def answer(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not _is_client(form, request.headers):
            return _refusal("invalid_client", status=401)
        if form.get("grant_type") != "refresh_token":
            return _refusal("unsupported_grant_type")
        if form.get("redirect_uri", REDIRECT_URI) != REDIRECT_URI or "refresh_token" not in form:
            return _refusal("invalid_request")
        if self._credentials.mood == "revoked" or not self._knows(form["refresh_token"]):
            return _refusal("invalid_grant")
        return web.json_response(self._granted())

    def _knows(self, refresh_token: str) -> bool:
        # Each stays good, as the documentation says of the first.
        return refresh_token in {REFRESH_TOKEN, *(_rotated(number) for number in range(1, self._rotated + 1))}

    def _granted(self) -> dict[str, object]:
        seconds = int(TOKEN_LIFE.total_seconds())
        granted: dict[str, object] = {
            "token_type": "Bearer",
            "access_token": self._credentials.issue_token(),
            "expires_in": seconds,
            "id_token": "simulated.id.token",
        }
        match self._control.switches["expires_in"]:
            case "text":
                granted["expires_in"] = str(seconds)
            case "absent":
                del granted["expires_in"]
            case _:
                pass
        if self._control.switches["rotation"] == "on":
            self._rotated += 1
            granted["refresh_token"] = _rotated(self._rotated)
        return granted


def _rotated(number: int) -> str:
    return f"{REFRESH_TOKEN}-{number}"


def _is_client(form: Mapping[str, str], headers: Mapping[str, str]) -> bool:
    """Whether the application says who it is, in the form or by Basic."""
    if "Authorization" in headers:
        return headers["Authorization"] == encode_basic_auth(CLIENT_ID, CLIENT_SECRET)
    return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)


def _refusal(error: str, status: int = 400) -> web.Response:
    return web.json_response(
        {"error": error, "error_description": "The consent of ada.berg@example.com says otherwise."}, status=status
    )
