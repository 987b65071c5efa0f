"""The tables `retry`, `breaker` and `limits` of a source: what spares an upstream, and us. Durations in seconds."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator


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
    budget: Annotated[float, Field(ge=0, le=1)] = 0.2
    """Retries, as a share of the questions of the latest ten seconds. An upstream that fails is asked a fifth more at
    most, where three attempts each would be three times as much."""
    budget_floor: Annotated[int, Field(ge=0, le=1000)] = 4
    """Retries in ten seconds that are allowed where that share is less: two questions with all of theirs. Without it a
    source that is seldom asked would never be asked again."""


class BreakerSettings(BaseModel):
    """When an upstream that fails is left alone, and for how long."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    failure_ratio: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of the requests within `window` that must fail. Half are no longer bad luck, and retries mend the rest."""
    window: Annotated[float, Field(gt=0, le=600)] = 20.0
    """Seconds that are looked back. An upstream that goes down at a steady load is left alone after half of it."""
    least_requests: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Requests within the window below which nothing is concluded: so few do an upstream no harm."""
    pause: Annotated[float, Field(gt=0, le=600)] = 5.0
    """Seconds for which nothing is sent, then one request. Twice as long each time that one fails. A restart takes
    about that long."""
    longest_pause: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """Seconds that no pause exceeds. A minute after an upstream is back, everybody has it back."""
    least_timeout: Annotated[float, Field(gt=0, le=300)] = 4.0
    """A timeout only counts as a failure if the attempt had so many seconds, or all of `attempt_timeout`. Calls of two
    are normal for SuperOffice: a caller in a hurry proves nothing."""

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.longest_pause < self.pause:
            raise ValueError(f"longest_pause: {self.longest_pause} is shorter than pause, {self.pause}")
        return self


class LimitSettings(BaseModel):
    """How many questions are put to an upstream at once, and how many requests it is sent per second."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    concurrency: Annotated[int, Field(ge=1, le=1000)] = 32
    """Questions at once, each with one request at a time. At 0.3 s a request that is a hundred per second."""
    queue: Annotated[int, Field(ge=0, le=10_000)] = 128
    """Questions that may wait for their turn. Where requests take two seconds, those in the fourth row of `concurrency`
    are answered after ten, as long as a call has by default; who comes later is better told at once."""
    rate: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """Requests per second; None: as many as there are. With Redis, of all replicas together."""
    burst: Annotated[int, Field(ge=1, le=100_000)] = 20
    """Requests that may be sent at once after a quiet time, beyond `rate`: an overview asks one source about ten."""
