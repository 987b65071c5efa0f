"""What every source's table in the configuration has in common."""

from typing import Annotated

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field


class RetrySettings(BaseModel):
    """How often and how patiently an upstream is asked again."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    attempts: Annotated[int, Field(ge=1, le=10)] = 3
    """Attempts in all. Two retries outlive a restart behind a load balancer; more only lengthen an outage."""
    first_wait: Annotated[float, Field(gt=0, le=60)] = 0.2
    """Seconds; the wait before the second attempt lies between zero and this, and its upper bound doubles each time."""
    longest_wait: Annotated[float, Field(gt=0, le=300)] = 30.0
    """Seconds that no wait exceeds, not even one that the upstream asks for: then the source fails at once.

    Within a call's own time half a minute is worth it; a stream, which may have an hour, should say so instead.
    """


def _ends_with_its_path(url: AnyHttpUrl) -> AnyHttpUrl:
    if url.username is not None or url.password is not None:
        raise ValueError("must not hold a user or password; put them into auth")
    if url.query is not None or url.fragment is not None:
        raise ValueError("must end with its path, without ? and #, such as https://crm.example.com/tenant")
    return url


BaseUrl = Annotated[AnyHttpUrl, AfterValidator(_ends_with_its_path)]
"""Where an upstream is, `http` or `https`, perhaps with a path. An adapter appends its own paths to it."""


class SourceSettings(BaseModel):
    """The keys that every kind of source takes. An adapter adds its own."""

    # An error of the whole table would otherwise repeat it, credentials included.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: str
    attempt_timeout: Annotated[float, Field(gt=0, le=300)] = 8.0
    """Seconds that one attempt may take. Calls of two seconds are normal for SuperOffice; four times that is not."""
    max_body_bytes: Annotated[int, Field(ge=1024, le=256 * 1024 * 1024)] = 16 * 1024 * 1024
    """The largest answer that is read. A page of a thousand events has about a megabyte."""
    retry: RetrySettings = RetrySettings()
