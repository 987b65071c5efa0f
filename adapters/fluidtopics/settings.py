"""What a Fluid Topics source is configured with."""

from typing import Annotated, Literal

from pydantic import Field

from adapters.settings import BaseUrl, LimitSettings, SourceSettings
from adapters.transport import BasicAuth, BearerAuth

MOST_PER_PAGE = 5000
"""The reference names no limit; beyond this a page no longer fits the size limit of a body."""


class FluidTopicsLimits(LimitSettings):
    """As for every source, with a rate: Fluid Topics has one.

    It refuses more than 5,000 requests in five minutes from one address, whoever sends them (Fluid Topics API
    reference, "Return codes").
    """

    rate: Annotated[float, Field(gt=0, le=1_000_000)] | None = 15.0
    """4,500 in five minutes, and the burst besides: 450 are left to whoever else is behind our address."""
    burst: Annotated[int, Field(ge=1, le=100_000)] = 50
    """A few overviews, and the pages of a stream, at once."""


class FluidTopicsSettings(SourceSettings):
    """The keys of a source with `kind = "fluidtopics"`."""

    base_url: BaseUrl
    auth: Annotated[BasicAuth | BearerAuth, Field(discriminator="scheme")]
    """An API key or a JWT as `bearer`, or `basic`, which does not go together with multi-factor authentication."""
    limits: FluidTopicsLimits = FluidTopicsLimits()
    calling_app: Annotated[str, Field(pattern=r"^[!-~]+$", max_length=100)] = "analytics-gateway"
    """Sent as `Ft-Calling-App`: under this name Fluid Topics accounts for the calls."""
    horizon_days: Annotated[int, Field(ge=1, le=3660)] = 365
    """How far back a window may begin. The reference says a year; newer releases say "the retention period"."""
    sort_order_spelling: Literal["camel", "pascal"] = "camel"
    """`latestFirst`, as the example says, or `LatestFirst`, as the table does. On 400 the other is tried."""
    per_page: Annotated[int, Field(ge=1, le=MOST_PER_PAGE)] = 1000
    """Events per page of a walk, for streams and rankings."""
    prefetch_pages: Annotated[int, Field(ge=0, le=8)] = 1
    """Pages that a stream fetches ahead while its reader is busy with the present one."""
    max_pages: Annotated[int, Field(ge=1, le=1_000_000)] = 20_000
    """Pages after which an upstream that still has not come to an end is held to be broken."""
    scan_pages: Annotated[int, Field(ge=1, le=1000)] = 20
    """Pages of `per_page` events read at most for what is counted one by one: rankings, and days cut by the window."""
