"""The table `proxy` of a source."""

from typing import Annotated, Self

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, model_validator

from adapters.settings.host import check_host


def _is_a_port(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.username is not None or url.password is not None:
        raise ValueError("must not hold a user or password; they have keys of their own, username and password")
    if url.scheme != "http":
        raise ValueError("must begin with http://, which is how the proxy is spoken to, whatever the upstream speaks")
    if url.path not in {None, "", "/"} or url.query is not None or url.fragment is not None:
        raise ValueError("must be a host and a port, such as http://proxy.example.com:3128")
    check_host(url.host)
    return url


class ProxySettings(BaseModel):
    """An HTTP proxy, between us and the upstream."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    url: Annotated[AnyHttpUrl, AfterValidator(_is_a_port)]
    username: Annotated[str, Field(pattern=r"^[^:\x00-\x1f\x7f]{1,200}$")] | None = None
    """Whom the proxy knows us as (RFC 7617); without one, nothing is proven to it."""
    password: SecretStr | None = None

    @model_validator(mode="after")
    def _has_both_or_neither(self) -> Self:
        if self.username is None and self.password is not None:
            raise ValueError("username: missing; password needs it")
        if self.password is None and self.username is not None:
            raise ValueError("password: missing; username needs it")
        return self
