"""Whether a JWT is what SuperOffice has signed for our tenant, now. Decides only: keys and time are handed in."""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from math import isfinite

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from pydantic import SecretStr

from adapters.drift import DriftLog
from adapters.errors import InvalidResponseError
from adapters.superoffice.auth.headers import sendable
from adapters.superoffice.auth.wire import Claims, Key
from adapters.transport import TolerantDecoder

ISSUER = "SuperOffice AS"
"""Of tokens for system users in every environment; id tokens of OpenID Connect have another (SuperOffice docs,
"Validating security tokens", and the constant of SuperOffice's own client for .NET).
"""

LEEWAY = timedelta(minutes=1)
"""By which our clock and SuperOffice's may differ."""

_ALGORITHM = "RS256"
# Smaller ones prove nothing (RFC 7518, section 3.3), larger ones only cost time.
_BITS = range(2048, 8193)
# Of a number in base64, with room for padding. What is longer is not even read, which would keep the loop waiting.
_MOST_DIGITS = _BITS.stop // 6 + 3
_MOST_KEYS = 16
_CLAIMS = TolerantDecoder(Claims)
_JWS = jwt.PyJWS()


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """One key that SuperOffice publishes, with the names that a token may call it by."""

    names: frozenset[str]
    key: RSAPublicKey = field(repr=False)


def signing_keys(published: Iterable[Key]) -> list[SigningKey]:
    """Those of the first few RSA keys that can be used, being of a sound size."""
    few = islice((key for key in published if key.kty == "RSA"), _MOST_KEYS)
    return [key for key in map(_signing_key, few) if key is not None]


def payload_of(token: str, keys: Sequence[SigningKey]) -> bytes | None:
    """What a token says, if one of the keys has signed it: that which it names, or any if it names none.

    Raises:
        InvalidResponseError: it is no JWT that could be signed so.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.PyJWTError:
        raise InvalidResponseError("The token in SuperOffice's answer is no JWT.") from None
    if header.get("alg") != _ALGORITHM:
        raise InvalidResponseError(f"The token in SuperOffice's answer is not signed with {_ALGORITHM}.")
    named = {name for name in (header.get("kid"), header.get("x5t")) if isinstance(name, str)}
    fitting = [key for key in keys if not named or named & key.names]
    return next((payload for key in fitting if (payload := _verified(token, key)) is not None), None)


def ticket_in(payload: bytes, *, customer: str, now: datetime) -> SecretStr:
    """The ticket of a token that is signed, for `customer`, at `now`.

    Its audience is `spn:` and the serial number of the tenant's licence, which it tells itself, so that nothing is
    proved by it but the kind of the token. That it is for our tenant, its claim `ctx` says.

    Raises:
        InvalidResponseError: it is from somebody else, for something else, or not for now.
    """
    claims = _CLAIMS(payload, DriftLog())
    if claims.iss != ISSUER:
        raise _unfit(f"has another issuer than {ISSUER}")
    if f"spn:{claims.serial}" not in ([claims.aud] if isinstance(claims.aud, str) else claims.aud or []):
        raise _unfit("is not meant for a system user")
    if claims.context is not None and claims.context.lower() != customer.lower():
        raise _unfit("is for another customer")
    _check_time(claims, now)
    ticket = sendable(claims.ticket)
    if ticket is None:
        raise _unfit("holds no ticket that a header can carry")
    return ticket


def _check_time(claims: Claims, now: datetime) -> None:
    end, start = _seconds(claims.exp), _seconds(claims.nbf)
    if end is None or (start is None and claims.nbf is not None):
        raise _unfit("does not say from when and until when it is valid")
    if now.timestamp() >= end + LEEWAY.total_seconds():
        raise _unfit("has expired: look whether this machine's clock is right")
    if start is not None and now.timestamp() < start - LEEWAY.total_seconds():
        raise _unfit("is not valid yet: look whether this machine's clock is right")


def _seconds(claim: float | str | None) -> float | None:
    try:
        seconds = None if claim is None else float(claim)
    except ValueError:
        return None
    return seconds if seconds is not None and isfinite(seconds) else None


def _unfit(what: str) -> InvalidResponseError:
    return InvalidResponseError(f"The token in SuperOffice's answer {what}.")


def _verified(token: str, key: SigningKey) -> bytes | None:
    try:
        payload = _JWS.decode(token, key.key, algorithms=[_ALGORITHM])
    except jwt.PyJWTError:
        return None
    return payload if isinstance(payload, bytes) else None


def _signing_key(key: Key) -> SigningKey | None:
    try:
        public = RSAPublicNumbers(e=_number(key.e), n=_number(key.n)).public_key()
    except ValueError:
        return None
    names = frozenset(name for name in (key.kid, key.x5t) if name)
    return SigningKey(names=names, key=public) if public.key_size in _BITS else None


def _number(text: str | None) -> int:
    """An integer of a key (RFC 7518, section 6.3.1): big endian, base64url without padding."""
    if text is None or len(text) > _MOST_DIGITS:
        raise ValueError("no number that a key of a sound size could have")
    return int.from_bytes(base64.urlsafe_b64decode(f"{text}=="))
