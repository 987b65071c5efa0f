"""What the configuration says about a SuperOffice source."""

import re
from typing import Annotated, Self

from pydantic import AnyHttpUrl, Field, field_validator, model_validator

from adapters.settings import BaseUrl, SourceSettings
from adapters.transport import BasicAuth, BearerAuth

_ONLINE = re.compile(r"(.+\.)?superoffice\.com")
# SuperOffice docs, "Online API authentication": hosts without a number only sign users in, numbered ones have the data.
_AUTHENTICATION_ONLY = re.compile(r"(sod|stage|qaonline|online)\.superoffice\.com")
# What may follow the tenant in a base URL: SuperOffice's own client adds `api/` unless it is there, then `v1/`.
_API_TAIL = re.compile(r"(/+api(/+v1)?)?/*$", re.IGNORECASE)

Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2}(-[A-Za-z]{2})?$")]
"""An ISO 639-1 code, such as `en`, with or without a country."""


class SuperOfficeSettings(SourceSettings):
    """One SuperOffice installation or Online tenant, asked as one user."""

    base_url: BaseUrl
    auth: Annotated[BasicAuth | BearerAuth, Field(discriminator="scheme")]
    """Whose numbers are told: those of this user, and those of the system."""
    language: Language = "en"
    """Language of names such as countries. Without one, SuperOffice answers `NO:"Leverandør";US:"Supplier"`."""
    culture: Language | None = None
    """Culture in which SuperOffice formats numbers and dates within texts. Default: that of the language."""

    @field_validator("base_url")
    @classmethod
    def _serves_the_api(cls, base_url: AnyHttpUrl) -> AnyHttpUrl:
        if _AUTHENTICATION_ONLY.fullmatch(_host(base_url)):
            raise ValueError(
                f"{_host(base_url)} serves authentication only; give the tenant's numbered host, such as "
                "https://online2.superoffice.com/Cust12345"
            )
        return base_url

    @model_validator(mode="after")
    def _can_sign_in(self) -> Self:
        if isinstance(self.auth, BasicAuth) and _ONLINE.fullmatch(_host(self.base_url)):
            raise ValueError(
                f"auth.scheme basic is never accepted by SuperOffice Online ({_host(self.base_url)}); use bearer"
            )
        return self

    @property
    def api_url(self) -> str:
        """Where the web API is: the base URL with `/api/v1` behind it, once, and no slash at the end."""
        return f"{_API_TAIL.sub('', str(self.base_url))}/api/v1"


def _host(url: AnyHttpUrl) -> str:
    # A name may end with a dot, which only says that it is complete.
    return (url.host or "").lower().rstrip(".")
