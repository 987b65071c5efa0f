"""The token endpoint: a refresh token goes in, an access token comes out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlencode

from pydantic import SecretStr

from adapters.clock import Clock
from adapters.drift import DriftLog
from adapters.errors import CredentialRefusedError, InvalidResponseError, RequestRefusedError, SourceError
from adapters.inquiry import Inquiry
from adapters.superoffice.auth.headers import sendable
from adapters.superoffice.auth.wire import TokenAnswer
from adapters.superoffice.schemes import OAuthAuth
from adapters.transport import Lease, Request, TolerantDecoder, Upstream

UNTOLD_LIFE = timedelta(minutes=20)
"""Of an access token whose answer does not say. SuperOffice's own pages say an hour, and twenty minutes."""

EARLY = timedelta(minutes=1)
"""How long before its end a token is replaced: time for a request that is being sent, and for clocks that differ."""

_PATH = "login/common/oauth/tokens"
# At most nine digits: a moment that long from now is still one.
_SECONDS = re.compile(r"(?=.*[1-9])[0-9]{1,9}(\.[0-9]*)?")
_ANSWER = TolerantDecoder(TokenAnswer)

# What RFC 6749, section 5.2, lets a token endpoint say. Nothing else of its answer is repeated.
_REFUSALS: Mapping[str, tuple[type[SourceError], str]] = {
    "invalid_grant": (
        CredentialRefusedError,
        "auth.refresh_token is not accepted any more ({}): let the user consent again, and configure the new one.",
    ),
    "invalid_client": (
        CredentialRefusedError,
        "auth.client_id and auth.client_secret are not accepted ({}): compare with the application's registration.",
    ),
    "unauthorized_client": (
        CredentialRefusedError,
        "The application may not renew access tokens ({}): look at its registration, and the tenant's approval of it.",
    ),
    "invalid_request": (
        RequestRefusedError,
        "The renewal was not understood ({}): auth.redirect_uri must be as registered, or left out.",
    ),
    "unsupported_grant_type": (RequestRefusedError, "Refresh tokens are not taken there ({}): check online_url."),
    "invalid_scope": (RequestRefusedError, "The scope of the refresh token is not accepted ({}): get a new one."),
}


@dataclass(slots=True, kw_only=True)
class _Granted:
    access_token: SecretStr
    life: timedelta
    refresh_token: SecretStr | None


@dataclass(slots=True)
class TokenEndpoint:
    """Renews access tokens (SuperOffice docs, "Authorization Code flow", Refresh token)."""

    auth: OAuthAuth
    online: Upstream
    clock: Clock
    _rotated: SecretStr | None = field(default=None, init=False)
    """The refresh token that the last answer put in place of the configured one."""

    async def fetch(self, inquiry: Inquiry) -> Lease[Mapping[str, str]]:
        """A new access token, as headers.

        Raises:
            CredentialRefusedError: the refresh token or the client is not accepted.
            SourceError: the endpoint could not be asked, or made no sense.
        """
        # The token's life begins when it is made, which is after this.
        asked = self.clock.now()
        granted = await self.online.ask(self._request(), _read, inquiry)
        self._rotated = granted.refresh_token or self._rotated
        expire_time = asked + granted.life
        return Lease(
            value={"Authorization": f"Bearer {granted.access_token.get_secret_value()}"},
            expire_time=expire_time,
            renew_time=expire_time - min(EARLY, granted.life / 10),
        )

    def _request(self) -> Request:
        form = {
            "grant_type": "refresh_token",
            "client_id": self.auth.client_id,
            "client_secret": self.auth.client_secret.get_secret_value(),
            "refresh_token": (self._rotated or self.auth.refresh_token).get_secret_value(),
        }
        if self.auth.redirect_uri is not None:
            form["redirect_uri"] = self.auth.redirect_uri
        return Request(
            method="POST",
            path=_PATH,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
            explain=_refusal,
        )


def _refusal(body: bytes) -> SourceError | None:
    """What a refusal says, if it is one that the standard knows."""
    try:
        return _known(_ANSWER(body, DriftLog()).error)
    except InvalidResponseError:
        return None


def _known(error: str | None) -> SourceError | None:
    if error is None or error not in _REFUSALS:
        return None
    kind, text = _REFUSALS[error]
    return kind(text.format(error))


def _read(body: bytes, drift: DriftLog) -> _Granted:
    answer = _ANSWER(body, drift)
    if (refusal := _known(answer.error)) is not None:
        raise refusal
    access_token = sendable(answer.access_token)
    if access_token is None:
        raise InvalidResponseError("The answer holds no access token that a header can carry.")
    if (answer.token_type or "Bearer").lower() != "bearer":
        raise InvalidResponseError("The answer holds a token of another type than Bearer.")
    return _Granted(
        access_token=access_token, life=_life(answer.expires_in), refresh_token=sendable(answer.refresh_token)
    )


def _life(expires_in: float | str | None) -> timedelta:
    """For how long the token is good; what is no number of seconds, or none that lasts, says nothing."""
    text = str(expires_in).strip()
    return timedelta(seconds=float(text)) if _SECONDS.fullmatch(text) else UNTOLD_LIFE
