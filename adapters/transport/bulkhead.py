"""How many questions are put to a source at once."""

import asyncio
import math
from collections import deque
from datetime import timedelta

from adapters.errors import BulkheadFullError
from adapters.inquiry import Inquiry
from adapters.meter import SourceMeter
from adapters.settings import LimitSettings

_SOON = timedelta(seconds=1)
"""When to come back: some of those who are ahead have their answers by then. Nobody knows more."""


class Bulkhead:
    """So many places, and so many who may wait for one: first come, first served.

    A source that answers slowly can only hold up those who ask it, and only so many of them.
    """

    def __init__(self, policy: LimitSettings, *, meter: SourceMeter) -> None:
        """Begin with all places free."""
        self._policy = policy
        self._meter = meter
        self._taken = 0
        self._line: deque[asyncio.Future[None]] = deque()

    @property
    def taken(self) -> int:
        """Places that are taken."""
        return self._taken

    @property
    def waiting(self) -> int:
        """Those who wait for one."""
        return len(self._line)

    async def enter(self, inquiry: Inquiry) -> None:
        """Take a place, once there is one. Whoever has entered must `leave`.

        Raises:
            BulkheadFullError: as many as may do so are waiting, or no place came free in the inquiry's time.
        """
        # A place is never free while somebody waits: `leave` passes it on.
        if self._taken < self._policy.concurrency:
            self._taken += 1
        elif len(self._line) < self._policy.queue:
            await self._wait(inquiry)
        else:
            self._refuse(
                f"{self._policy.concurrency} questions are being put to this source and {self._policy.queue} are "
                "waiting, as many as limits.concurrency and limits.queue allow: ask again in a moment."
            )

    def leave(self) -> None:
        """Give the place to whoever has waited longest."""
        while self._line:
            place = self._line.popleft()
            if not place.done():
                place.set_result(None)
                return
        self._taken -= 1

    async def _wait(self, inquiry: Inquiry) -> None:
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(place)
        started = inquiry.clock.monotonic()
        try:
            with inquiry.waiting(), inquiry.within(math.inf):
                await place
        except BaseException as left:
            self._leave_line(place)
            if isinstance(left, TimeoutError):
                self._refuse(
                    "No place came free in the time of this call: limits.concurrency questions are ahead of it."
                )
            raise
        finally:
            self._meter.waited("bulkhead", inquiry.clock.monotonic() - started)

    def _leave_line(self, place: asyncio.Future[None]) -> None:
        if place.done() and not place.cancelled():
            # It was given a place at the very moment at which it left.
            self.leave()
        elif place in self._line:
            self._line.remove(place)

    def _refuse(self, why: str) -> None:
        self._meter.refused("bulkhead")
        raise BulkheadFullError(why, retry_after=_SOON)
