"""The table `auth` of a SuperOffice source, in the forms that only SuperOffice has."""

import re
from typing import Annotated, Literal
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator, SecretStr

from adapters.superoffice.private_key import load_private_key
from adapters.transport import BasicAuth, BearerAuth, HeaderSecret

SESSION_TOKEN = "XSRF-TOKEN"  # noqa: S105 - the name of a cookie
"""The cookie whose value a request repeats in a header."""

# RFC 6265, section 4.2.1: pairs with "; " between them. A name is a token, a value is ASCII without what divides.
_COOKIE_PAIR = r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+=[!#-+\--:<-\[\]-~\"]*"
_COOKIES = re.compile(rf"{_COOKIE_PAIR}(; ?{_COOKIE_PAIR})*")


def _cookies(secret: SecretStr) -> SecretStr:
    if not _COOKIES.fullmatch(secret.get_secret_value()):
        raise ValueError('must be the value of the header Cookie as a browser sends it: "name=value; other=value"')
    return secret


def _token(secret: SecretStr) -> SecretStr:
    """Refuse what was copied badly. A system user token begins with the application's name, so it may hold spaces."""
    text = secret.get_secret_value()
    if not text.isprintable() or text.strip() != text or not text:
        raise ValueError("must not be empty, begin or end with a space, or hold line breaks")
    return secret


def _private_key(text: object) -> RSAPrivateKey:
    """The key itself, not its text: checking one takes longer than a loop should wait, so it is done here once."""
    if not isinstance(text, str):
        raise ValueError("input should be a valid string")  # noqa: TRY004 - pydantic shows ValueErrors
    return load_private_key(text)


class _Auth(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class TicketAuth(_Auth):
    """A ticket that somebody obtained for us (SuperOffice docs, "Authorization", SOTicket). Nobody here renews it."""

    scheme: Literal["ticket"]
    ticket: HeaderSecret
    app_token: HeaderSecret | None = None
    """The application's client secret. SuperOffice Online wants it with each ticket; on site nobody looks at it."""


class XsrfAuth(_Auth):
    """The session of a user who is signed in (SuperOffice docs, "Authorization", X-XSRF-TOKEN)."""

    scheme: Literal["xsrf"]
    cookie: Annotated[SecretStr, AfterValidator(_cookies)]
    """The session's cookies, as one header carries them: `name=value; other=value`."""
    xsrf_token: HeaderSecret
    """Value of the cookie `XSRF-TOKEN`, or of the hidden field `XSRF_TOKEN` of SuperOffice's pages."""

    @property
    def session_token(self) -> SecretStr | None:
        """What the cookies say that the token is, if they do. Browsers send it percent-encoded, or not."""
        pairs = (pair.strip().partition("=") for pair in self.cookie.get_secret_value().split(";"))
        return next((SecretStr(unquote(value)) for name, _, value in pairs if name == SESSION_TOKEN), None)

    @property
    def is_one_session(self) -> bool:
        """Whether the token is that of the cookies, if they have one."""
        told = self.session_token
        return told is None or told.get_secret_value() == unquote(self.xsrf_token.get_secret_value())


class OAuthAuth(_Auth):
    """An application that a user has given his consent (SuperOffice docs, "Authorization Code flow")."""

    scheme: Literal["oauth"]
    client_id: Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]
    client_secret: HeaderSecret
    refresh_token: HeaderSecret
    """Got when the user consented. Good until the consent is revoked."""
    redirect_uri: Annotated[str, Field(pattern=r"^[!-~]{1,2000}$")] | None = None
    """Sent along if set; then it must be one that the application is registered with."""


class SystemUserAuth(_Auth):
    """An application without a user (SuperOffice docs, "System user flow")."""

    scheme: Literal["system-user"]
    client_secret: HeaderSecret
    system_user_token: Annotated[SecretStr, AfterValidator(_token)]
    """Names the application's system user in one tenant, such as `Analytics Gateway-8k8Q7DmBgo`."""
    private_key: Annotated[RSAPrivateKey, PlainValidator(_private_key), Field(repr=False, exclude=True)]
    """The application's RSA key, in PEM or in SuperOffice's XML, unencrypted."""


Auth = BasicAuth | BearerAuth | TicketAuth | XsrfAuth | OAuthAuth | SystemUserAuth
"""All that SuperOffice accepts and that can be put into a request. Negotiate (Windows) cannot."""
