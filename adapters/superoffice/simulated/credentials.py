"""Who may ask the played SuperOffice: which credentials there are, and which of them still count."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from aiohttp import encode_basic_auth, web

from adapters.clock import Clock
from adapters.simulation import Control

USERNAME = "svc-analytics"
PASSWORD = "sandbox-superoffice"  # noqa: S105 - fictional, and printed by the sandbox
TOKEN = "8A:Cust12345.sandbox-superoffice"  # noqa: S105 - fictional, and printed by the sandbox
TICKET = "7T:c2FuZGJveC1zdXBlcm9mZmljZQ=="
COOKIE = "ASP.NET_SessionId=sandbox-superoffice-session"
XSRF_TOKEN = "sandbox-superoffice-xsrf"  # noqa: S105 - fictional
CLIENT_SECRET = "sandbox-superoffice-client-secret"  # noqa: S105 - fictional

SWITCHES = {
    "environment": ("sod", "online", "onsite"),
    "credential": ("ok", "expired", "revoked"),
    "refusal": ("401", "403"),
}
"""Where it is played, what has become of the credentials, and how one is refused; the README tells more."""

TOKEN_LIFE = timedelta(hours=1)
TICKET_LIFE = timedelta(hours=6)
"""From its last use. The one written down here begins with its first."""

_AT_FIRST = 0
_NEVER = datetime.max.replace(tzinfo=UTC)


class Credentials:
    """Those that are written down here, and those that were issued since."""

    def __init__(self, clock: Clock, control: Control) -> None:
        """Take the time from `clock`, and the mood from `control`."""
        self._clock = clock
        self._control = control
        # With how often the switch had been set when each was issued, and its end.
        self._issued = {TOKEN: (_AT_FIRST, _NEVER), TICKET: (_AT_FIRST, _NEVER)}
        self._count = 0

    @property
    def mood(self) -> str:
        """What has become of the credentials, by the switch."""
        return self._control.switches["credential"]

    @property
    def _turned(self) -> int:
        """How often the switch was set: `expired` ends what was issued before, each time anew."""
        return self._control.switches.turned["credential"]

    def issue_token(self) -> str:
        """A new access token."""
        return self._issue("8A:Cust12345.sandbox-superoffice-token", TOKEN_LIFE)

    def issue_ticket(self) -> str:
        """A new ticket."""
        return self._issue("7T:sandbox-superoffice-ticket", TICKET_LIFE)

    def require(self, request: web.Request) -> None:
        """Refuse a request that no credential speaks for."""
        if self._accepts(request.headers):
            return
        if self._control.switches["refusal"] == "403":
            raise web.HTTPForbidden
        raise web.HTTPUnauthorized(headers={"WWW-Authenticate": "Bearer"})

    def _accepts(self, headers: Mapping[str, str]) -> bool:
        """Whether a request with these headers may pass.

        Basic is for installations on site: never Online, nor in `sod`, where one develops for Online.
        """
        scheme, _, secret = headers.get("Authorization", "").partition(" ")
        is_onsite = self._control.switches["environment"] == "onsite"
        match scheme.lower():
            case "basic":
                return (
                    self.mood == "ok"
                    and is_onsite
                    and headers["Authorization"] == encode_basic_auth(USERNAME, PASSWORD)
                )
            case "bearer":
                return self._holds(secret)
            case "soticket":
                is_application = is_onsite or headers.get("SO-AppToken") == CLIENT_SECRET
                return is_application and self._holds(secret, slides=TICKET_LIFE)
            case "":
                cookies = headers.get("Cookie", "").split("; ")
                sent = (headers.get("X-XSRF-TOKEN"), COOKIE in cookies, f"XSRF-TOKEN={XSRF_TOKEN}" in cookies)
                return self.mood == "ok" and sent == (XSRF_TOKEN, True, True)
            case _:
                return False

    def _holds(self, secret: str, *, slides: timedelta | None = None) -> bool:
        """Whether a token or ticket is one, and in time. One that `slides` lives on from its use."""
        now = self._clock.now()
        issued, end = self._issued.get(secret, (_AT_FIRST, now))
        has_expired = self.mood == "expired" and issued != self._turned
        if self.mood == "revoked" or has_expired or now >= end:
            return False
        if slides is not None:
            self._issued[secret] = (issued, now + slides)
        return True

    def _issue(self, stem: str, life: timedelta) -> str:
        now = self._clock.now()
        self._issued = {secret: (issued, end) for secret, (issued, end) in self._issued.items() if end > now}
        self._count += 1
        secret = f"{stem}-{self._count}"
        self._issued[secret] = (self._turned, now + life)
        return secret
