"""What SuperOffice sends when one signs in, in its own spelling."""

from msgspec import Struct, field

_CLAIM = "http://schemes.superoffice.net/identity"


class _Secretive(Struct):
    """Says of itself only what it is."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class TokenAnswer(_Secretive):
    """The token endpoint's answer, or its refusal (RFC 6749, sections 5.1 and 5.2)."""

    access_token: str | None = None
    token_type: str | None = None
    expires_in: float | str | None = None
    # Not among what SuperOffice documents for a renewal. RFC 6749 allows it, and then the former may be void.
    refresh_token: str | None = None
    id_token: str | None = None
    error: str | None = None


class SystemUserAnswer(_Secretive, rename="pascal"):
    """The answer of PartnerSystemUser/Authenticate. Its shape is not documented; callers in public read these."""

    is_successful: bool | None = None
    token: str | None = None
    error_message: str | None = None


class Key(Struct):
    """A key of a JSON Web Key Set (RFC 7517), of the RSA kind."""

    kty: str | None = None
    kid: str | None = None
    x5t: str | None = None
    n: str | None = None
    e: str | None = None


class KeySet(Struct):
    """The keys that SuperOffice signs with."""

    keys: list[Key] | None = None


class Claims(_Secretive):
    """What is read of a system user's JWT (SuperOffice docs, "Validating security tokens").

    `iat` is not: it comes as a text, against RFC 7519, and tells nothing that `exp` and `nbf` do not.
    """

    iss: str | None = None
    aud: str | list[str] | None = None
    exp: float | str | None = None
    nbf: float | str | None = None
    serial: str | None = field(default=None, name=f"{_CLAIM}/serial")
    context: str | None = field(default=None, name=f"{_CLAIM}/ctx")
    ticket: str | None = field(default=None, name=f"{_CLAIM}/ticket")
