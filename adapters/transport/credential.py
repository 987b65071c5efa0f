"""How requests prove who sends them, whatever the scheme."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from adapters.inquiry import Inquiry


class Credential(Protocol):
    """Puts into each request what the upstream wants to see. Shows no secret in its repr."""

    @property
    def scheme(self) -> str:
        """What the configuration calls it, such as `bearer`."""
        ...

    @property
    def expire_time(self) -> datetime | None:
        """When it ends unless it is renewed or replaced, UTC; None if that is not known, or never."""
        ...

    async def headers(self, inquiry: Inquiry) -> Mapping[str, str]:
        """The headers of the next request. What is about to end is renewed first.

        Raises:
            SourceError: it could not be renewed.
        """
        ...

    async def renew(self, refused: Mapping[str, str], inquiry: Inquiry) -> bool:
        """The upstream refused a request with these headers (401, 403). Whether `headers` has others now.

        Raises:
            SourceError: it could not be renewed.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FixedCredential:
    """A credential that only the operator can replace."""

    scheme: str
    fixed: Mapping[str, str] = field(repr=False)
    """What each request carries."""
    expire_time: datetime | None = None

    async def headers(self, inquiry: Inquiry) -> Mapping[str, str]:
        """Always the same."""
        del inquiry
        return self.fixed

    async def renew(self, refused: Mapping[str, str], inquiry: Inquiry) -> bool:
        """It has no others."""
        del refused, inquiry
        return False


ANONYMOUS = FixedCredential(scheme="none", fixed={})
"""Proves nothing, for what needs no proof."""
