"""The keys that every kind of source takes."""

from typing import Annotated, Self

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, model_validator

from adapters.settings.freshness import FreshnessSettings
from adapters.settings.host import check_host
from adapters.settings.proxy import ProxySettings
from adapters.settings.resilience import BreakerSettings, LimitSettings, RetrySettings
from adapters.settings.tls import TlsSettings


def _ends_with_its_path(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.username is not None or url.password is not None:
        raise ValueError("must not hold a user or password; put them into auth")
    if url.query is not None or url.fragment is not None:
        raise ValueError("must end with its path, without ? and #, such as https://crm.example.com/tenant")
    check_host(url.host)
    return url


BaseUrl = Annotated[AnyHttpUrl, AfterValidator(_ends_with_its_path)]
"""Where an upstream is, `http` or `https`, perhaps with a path. An adapter appends its own paths to it."""


class SourceSettings(BaseModel):
    """The keys that every kind of source takes. An adapter adds its own."""

    # An error of the whole table would otherwise repeat it, credentials included.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: str
    connect_timeout: Annotated[float, Field(gt=0, le=300)] = 3.0
    """Seconds of an attempt in which there must be a connection: name, proxy, TCP and TLS.

    A first packet that is lost is sent again after one second (RFC 6298), and again two later. Rather than wait for
    that, a new attempt, which may reach another host of that name, is begun while the call still has time for it.
    """
    attempt_timeout: Annotated[float, Field(gt=0, le=300)] = 8.0
    """Seconds that one attempt may take, connecting included.

    Calls of two seconds are normal for SuperOffice; four times that is not.
    """
    max_body_bytes: Annotated[int, Field(ge=1024, le=256 * 1024 * 1024)] = 16 * 1024 * 1024
    """The largest answer that is read. A page of a thousand events has about a megabyte."""
    retry: RetrySettings = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
    limits: LimitSettings = LimitSettings()
    cache: FreshnessSettings = FreshnessSettings()
    """How long what it said is used again."""
    tls: TlsSettings | None = None
    """None: the system's authorities are believed, and nothing is proven."""
    proxy: ProxySettings | None = None
    """None: the upstream is spoken to directly, whatever the environment says about proxies."""

    @model_validator(mode="after")
    def _uses_tls(self) -> Self:
        """Refuse certificates that no connection would be made with: whoever configures them counts on them."""
        schemes = {value.scheme for _, value in self if isinstance(value, AnyHttpUrl)}
        if self.tls is not None and schemes == {"http"}:
            raise ValueError(
                "tls: says nothing to an upstream that is spoken to over http; give its address with https"
            )
        return self
