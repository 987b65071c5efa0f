"""A ticket from the configuration, whose end moves with each use."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.clock import Clock
from adapters.inquiry import Inquiry

TICKET_LIFE = timedelta(hours=6)
"""From its last use, on SuperOffice Online (SuperOffice docs, "Credential management")."""


@dataclass(slots=True, kw_only=True)
class SlidingTicket:
    """A ticket of SuperOffice Online that only the operator can replace.

    Documented is the life of a system user's ticket: that of a user's own, which could be configured here as well, is
    taken to be the same. When somebody last used it before us is not known, and so neither is its end until we do.
    """

    scheme: str
    fixed: Mapping[str, str] = field(repr=False)
    """What each request carries."""
    clock: Clock = field(repr=False)
    _used: datetime | None = field(default=None, init=False)

    @property
    def expire_time(self) -> datetime | None:
        """Six hours after we last used it; None before, and once it was refused."""
        return None if self._used is None else self._used + TICKET_LIFE

    async def headers(self, inquiry: Inquiry) -> Mapping[str, str]:
        """Always the same."""
        del inquiry
        self._used = self.clock.now()
        return self.fixed

    async def renew(self, refused: Mapping[str, str], inquiry: Inquiry) -> bool:
        """It has no others."""
        del refused, inquiry
        self._used = None
        return False
