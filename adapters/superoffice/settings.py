"""What the configuration says about a SuperOffice source."""

import re
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AnyHttpUrl, Field, StringConstraints, field_validator, model_validator

from adapters.settings import BaseUrl, SourceSettings
from adapters.superoffice.schemes import Auth, OAuthAuth, SystemUserAuth, TicketAuth, XsrfAuth
from adapters.transport import BasicAuth

_ONLINE = re.compile(r"(.+\.)?superoffice\.com")
# SuperOffice docs, "Online API authentication": hosts without a number only sign users in, numbered ones have the data.
_AUTHENTICATION_ONLY = re.compile(r"(sod|stage|qaonline|online)\.superoffice\.com")
_NUMBERED = re.compile(r"(?P<environment>sod|qaonline|online)[0-9]+\.superoffice\.com")
# What may follow the tenant in a base URL: SuperOffice's own client adds `api/` unless it is there, then `v1/`.
_API_TAIL = re.compile(r"(/+api(/+v1)?)?/*$", re.IGNORECASE)
_CUSTOMER = r"[A-Za-z][A-Za-z0-9_-]{0,63}"

Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2}(-[A-Za-z]{2})?$")]
"""An ISO 639-1 code, such as `en`, with or without a country."""

Customer = Annotated[str, Field(pattern=rf"^{_CUSTOMER}$")]
"""What SuperOffice calls the ContextIdentifier, such as `Cust12345`."""

Domain = Annotated[
    str,
    StringConstraints(to_lower=True, max_length=253, pattern=r"^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$"),
]
"""The name of a host, or what the names of several end with."""


class SuperOfficeSettings(SourceSettings):
    """One SuperOffice installation or Online tenant, asked as one user."""

    base_url: BaseUrl | None = None
    """The tenant's address, fixed. None: SuperOffice Online is asked for it, for `environment` and `customer`."""
    environment: Literal["sod", "qaonline", "online"] | None = None
    """Development, stage or production (SuperOffice docs, "Online API authentication")."""
    customer: Customer | None = None
    """The tenant of SuperOffice Online."""
    online_url: BaseUrl | None = None
    """The host that signs in and tells where tenants are. Default: that of the environment."""
    allowed_domain: Domain = "superoffice.com"
    """An address that SuperOffice answers for a tenant is only believed within this domain."""
    auth: Annotated[Auth, Field(discriminator="scheme")]
    """Whose numbers are told: those of this user, and those of the system."""
    language: Language = "en"
    """Language of names such as countries. Without one, SuperOffice answers `NO:"Leverandør";US:"Supplier"`."""
    culture: Language | None = None
    """Culture in which SuperOffice formats numbers and dates within texts. Default: that of the language."""

    @field_validator("base_url")
    @classmethod
    def _serves_the_api(cls, base_url: AnyHttpUrl | None) -> AnyHttpUrl | None:
        if base_url is None:
            return None
        if base_url.scheme != "https" and _ONLINE.fullmatch(_host(base_url)):
            raise ValueError(f"must be https: {_host(base_url)} is on the internet, and the credential goes along")
        if _AUTHENTICATION_ONLY.fullmatch(_host(base_url)):
            raise ValueError(
                f"{_host(base_url)} serves authentication only; give the tenant's numbered host, such as "
                "https://online2.superoffice.com/Cust12345, or environment and customer in its place"
            )
        return base_url

    @model_validator(mode="after")
    def _is_somewhere(self) -> Self:
        if self.base_url is None:
            self._require_tenant()
            return self
        for key in ("environment", "customer", "online_url"):
            self._require_use(key)
        return self

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        scheme = self.auth.scheme
        match self.auth:
            case BasicAuth() if self.is_online:
                where = _host(self.base_url) if self.base_url else "environment"
                raise ValueError(
                    f"auth.scheme basic is never accepted by SuperOffice Online ({where}); "
                    "use system-user, oauth, bearer or ticket"
                )
            case TicketAuth(app_token=None) if self.is_online:
                raise ValueError("auth.app_token: missing; SuperOffice Online takes a ticket only together with it")
            case XsrfAuth(is_one_session=False):
                raise ValueError(
                    "auth.xsrf_token: is not that of auth.cookie's XSRF-TOKEN; copy both from the same session"
                )
            case OAuthAuth() | SystemUserAuth() if self.online_host is None:
                raise ValueError(f"environment: missing; auth.scheme {scheme} signs in there (or give online_url)")
            case SystemUserAuth() if self.tenant is None:
                raise ValueError(f"customer: missing; auth.scheme {scheme} signs in to one tenant")
            case _:
                return self

    @property
    def api_url(self) -> str | None:
        """Where the web API is: the base URL with `/api/v1` behind it, once, and no slash at the end.

        None if SuperOffice Online is to be asked for it.
        """
        return None if self.base_url is None else f"{_API_TAIL.sub('', str(self.base_url))}/api/v1"

    @property
    def is_online(self) -> bool:
        """Whether it is a tenant of SuperOffice Online, as far as the configuration tells."""
        return self.base_url is None or _ONLINE.fullmatch(_host(self.base_url)) is not None

    @property
    def online_host(self) -> str | None:
        """What signs in and tells where tenants are, without a slash at the end; None if it is not known."""
        if self.online_url is not None:
            return str(self.online_url).rstrip("/")
        environment = self.environment or self._implied("environment")
        return None if environment is None else f"https://{environment}.superoffice.com"

    @property
    def tenant(self) -> str | None:
        """The ContextIdentifier: `customer`, or what an address of SuperOffice Online says; None if it is not known."""
        return self.customer or self._implied("customer")

    def _implied(self, key: str) -> str | None:
        """What `base_url` says of the environment or the customer, if it is an address of SuperOffice Online."""
        numbered = None if self.base_url is None else _NUMBERED.fullmatch(_host(self.base_url))
        if numbered is None:
            return None
        if key == "environment":
            return numbered["environment"]
        first = urlsplit(str(self.base_url)).path.strip("/").partition("/")[0]
        return first if re.fullmatch(_CUSTOMER, first) and first.lower() != "api" else None

    def _require_tenant(self) -> None:
        """Refuse what SuperOffice Online cannot be asked about, naming what is missing of that which was begun."""
        match self.customer, self.online_host:
            case None, None:
                raise ValueError(
                    "base_url: missing; give it, or environment and customer, for which SuperOffice Online tells it"
                )
            case None, _:
                raise ValueError("customer: missing; without base_url SuperOffice Online is asked where it is")
            case _, None:
                raise ValueError("environment: missing; without base_url the customer is looked for there")
            case _:
                return

    def _require_use(self, key: str) -> None:
        """Refuse a key that says nothing beside `base_url`, or something else than it."""
        given = getattr(self, key)
        if given is None:
            return
        scheme = self.auth.scheme
        used = {"oauth": ("environment", "online_url"), "system-user": ("environment", "online_url", "customer")}
        if key not in used.get(scheme, ()):
            raise ValueError(f"{key}: says nothing beside base_url with auth.scheme {scheme}; leave one of the two out")
        implied = self._implied(key)
        if implied is not None and implied.lower() != str(given).lower():
            raise ValueError(f"{key}: is {given}, but base_url says {implied}")


def _host(url: AnyHttpUrl) -> str:
    # A name may end with a dot, which only says that it is complete.
    return (url.host or "").lower().rstrip(".")
