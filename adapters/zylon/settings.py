"""What a Zylon source's table in the configuration holds."""

from typing import Annotated, Literal

from pydantic import Field

from adapters.settings import BaseUrl, SourceSettings
from adapters.transport import BearerAuth


class ZylonSettings(SourceSettings):
    """One organisation of one Zylon installation."""

    kind: Literal["zylon"]
    base_url: BaseUrl
    org: Annotated[str, Field(pattern=r"^[!-~]{1,200}$")]
    """Slug or id of the organisation, sent as `x-org`."""
    auth: BearerAuth
    """An API token; usage analytics is for administrators."""
    time_unit: Literal["auto", "seconds", "milliseconds"] = "auto"
    """The unit of `start_date` and `end_date`. Zylon's guide and its OpenAPI document disagree; `auto` finds out."""
    horizon_days: Annotated[int, Field(ge=1, le=3660)] = 365
    """How many days back the upstream keeps its analytics; its release notes (1.52.0) say twelve months."""

    @property
    def api_url(self) -> str:
        """Where the API is: the base URL with `/api` behind it, once, and no slash at the end."""
        return f"{str(self.base_url).rstrip('/').removesuffix('/api').rstrip('/')}/api"
