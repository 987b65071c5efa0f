"""Who is let in: as many calls at once as the gateway takes."""

import asyncio

from gateway.pipeline.errors import OverloadedError


class Admission:
    """Counts the calls under way, streams included, and refuses what is too much at once: nobody waits here."""

    def __init__(self, most: int) -> None:
        """Let in `most` calls at a time."""
        self._most = most
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def enter(self) -> None:
        """Take one of the places. Who has taken one leaves it in the end.

        Raises:
            OverloadedError: no place is free.
        """
        if self._under_way >= self._most:
            raise OverloadedError(f"the gateway has {self._most} calls under way, and takes no more; call again later")
        self._under_way += 1
        self._idle.clear()

    def leave(self) -> None:
        """Leave the place that was taken."""
        self._under_way -= 1
        if self._under_way == 0:
            self._idle.set()

    async def idle(self) -> None:
        """Wait until nobody is in."""
        await self._idle.wait()
