"""What the replicas of a gateway may share: observations, and who of them asks for the next one."""

from typing import Protocol


class SharedCache(Protocol):
    """A second level behind each replica's own memory.

    Nothing here raises, and nothing takes longer than a fraction of a second: where the replicas share nothing at
    present, there is nothing to be got, and every replica may ask.
    """

    async def get(self, key: str) -> bytes | None:
        """What was put there and has not ended; None if there is nothing, or nobody can tell in time."""
        ...

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value for so long, in place of what was there. Returns at once, before it is done."""
        ...

    async def lease(self, key: str, seconds: float) -> bool:
        """Whether this replica is the one that asks: no other gets the same lease for so long, unless it is released.

        True also when nobody can tell in time.
        """
        ...

    def release(self, key: str) -> None:
        """Give up a lease that `lease` has given. Returns at once, before it is done."""
        ...
