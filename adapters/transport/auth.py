"""The table `auth` of a source, in the forms that several upstreams share."""

import base64
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr

from adapters.transport.credential import FixedCredential


def _sendable(secret: SecretStr) -> SecretStr:
    """Refuse what a header cannot carry; most often a line break that was copied along. Never repeats the value."""
    text = secret.get_secret_value()
    if not text or not all("!" <= character <= "~" for character in text):
        message = "must not be empty, and hold only printable ASCII characters without spaces or line breaks"
        raise ValueError(message)
    return secret


def _without_colon(username: str) -> str:
    if ":" in username:
        message = "must not hold a colon, which ends the name in HTTP Basic authentication (RFC 7617, section 2)"
        raise ValueError(message)
    return username


HeaderSecret = Annotated[SecretStr, AfterValidator(_sendable)]
"""A secret that goes into a header as it is."""


class BasicAuth(BaseModel):
    """HTTP Basic authentication (RFC 7617), in UTF-8."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    scheme: Literal["basic"]
    username: Annotated[str, Field(min_length=1), AfterValidator(_without_colon)]
    password: SecretStr

    def credential(self) -> FixedCredential:
        """What each request carries."""
        pair = f"{self.username}:{self.password.get_secret_value()}"
        encoded = base64.b64encode(pair.encode()).decode()
        return FixedCredential(scheme=self.scheme, fixed={"Authorization": f"Basic {encoded}"})


class BearerAuth(BaseModel):
    """A token, sent as it is (RFC 6750)."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    scheme: Literal["bearer"]
    token: HeaderSecret

    def credential(self) -> FixedCredential:
        """What each request carries."""
        return FixedCredential(scheme=self.scheme, fixed={"Authorization": f"Bearer {self.token.get_secret_value()}"})
