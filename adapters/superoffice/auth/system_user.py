"""Signs in a system user: a signed token goes in, a ticket in a JWT comes out."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import msgspec
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from adapters.clock import Clock
from adapters.drift import DriftLog
from adapters.errors import CredentialRefusedError, InvalidResponseError, SourceError
from adapters.inquiry import Inquiry
from adapters.superoffice.auth.headers import ticket_headers
from adapters.superoffice.auth.signed_token import SigningKey, payload_of, signing_keys, ticket_in
from adapters.superoffice.auth.sliding_ticket import TICKET_LIFE
from adapters.superoffice.auth.wire import KeySet, SystemUserAnswer
from adapters.superoffice.schemes import SystemUserAuth
from adapters.transport import Lease, Request, TolerantDecoder, Upstream

EARLY = timedelta(minutes=5)
"""How long before its end a ticket is replaced. Each use moves the end, so only one that lay idle ever is."""

KEYS_LIFE = timedelta(days=1)
"""For how long published keys are believed: one that SuperOffice withdraws counts no longer than that."""

_AUTHENTICATE = "Login/api/PartnerSystemUser/Authenticate"
_KEYS = "login/.well-known/jwks"
_ANSWER = TolerantDecoder(SystemUserAnswer)
_KEY_SET = TolerantDecoder(KeySet)


@dataclass(slots=True)
class SystemUserEndpoint:
    """Gets tickets (SuperOffice docs, "How to get a system user ticket credential")."""

    auth: SystemUserAuth
    customer: str
    online: Upstream
    clock: Clock
    _keys: list[SigningKey] = field(default_factory=list, init=False)
    _keys_end: float = field(default=float("-inf"), init=False)

    async def fetch(self, inquiry: Inquiry) -> Lease[Mapping[str, str]]:
        """A new ticket, as headers.

        Raises:
            CredentialRefusedError: SuperOffice gave none.
            SourceError: it could not be asked, or its answer proves nothing.
        """
        # The ticket's life begins when it is made, which is after this.
        asked = self.clock.now()
        request = Request(method="POST", path=_AUTHENTICATE, body=self._body(asked), explain=_refusal)
        token = await self.online.ask(request, _read_token, inquiry)
        ticket = ticket_in(await self._payload(token, inquiry), customer=self.customer, now=self.clock.now())
        expire_time = asked + TICKET_LIFE
        return Lease(
            value=ticket_headers(ticket, self.auth.client_secret),
            expire_time=expire_time,
            renew_time=expire_time - EARLY,
            slides=TICKET_LIFE,
        )

    def _body(self, now: datetime) -> bytes:
        return msgspec.json.encode(
            {
                "SignedSystemToken": signed_system_token(self.auth, now),
                "ApplicationToken": self.auth.client_secret.get_secret_value(),
                "ContextIdentifier": self.customer,
                "ReturnTokenType": "JWT",
            }
        )

    async def _payload(self, token: str, inquiry: Inquiry) -> bytes:
        """What the token says, once a published key is found to have signed it: one at hand, or one that is new."""
        payload = payload_of(token, self._keys) if self.clock.monotonic() < self._keys_end else None
        if payload is None:
            payload = payload_of(token, await self._published(inquiry))
        if payload is None:
            raise InvalidResponseError(
                "The token in SuperOffice's answer is not signed with a key that SuperOffice publishes there."
            )
        return payload

    async def _published(self, inquiry: Inquiry) -> list[SigningKey]:
        published = await self.online.ask(Request(method="GET", path=_KEYS), _KEY_SET, inquiry)
        self._keys = signing_keys(published.keys or ())
        self._keys_end = self.clock.monotonic() + KEYS_LIFE.total_seconds()
        return self._keys


def signed_system_token(auth: SystemUserAuth, now: datetime) -> str:
    """Token, minute and signature of both (SuperOffice docs, "How to sign system user token"). `now` is in UTC."""
    signed = f"{auth.system_user_token.get_secret_value()}.{now:%Y%m%d%H%M}"
    signature = auth.private_key.sign(signed.encode(), PKCS1v15(), SHA256())
    return f"{signed}.{base64.b64encode(signature).decode()}"


def _refused() -> CredentialRefusedError:
    return CredentialRefusedError(
        "SuperOffice gave the system user no ticket: check client_secret, system_user_token and private_key in auth, "
        "and customer; whether the application is still approved for that tenant; and this machine's clock."
    )


def _refusal(body: bytes) -> SourceError | None:
    """What a refusal says. Usually it comes with 200; with which status besides is not documented."""
    try:
        return _refused() if _ANSWER(body, DriftLog()).is_successful is False else None
    except InvalidResponseError:
        return None


def _read_token(body: bytes, drift: DriftLog) -> str:
    answer = _ANSWER(body, drift)
    if answer.is_successful is False:
        raise _refused()
    if not answer.token:
        raise InvalidResponseError("SuperOffice's answer to the system user holds no token.")
    return answer.token
