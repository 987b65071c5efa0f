"""What the replicas of a gateway may share."""

from typing import Protocol


class SharedLimits(Protocol):
    """Rate limits that hold for all replicas together."""

    async def reserve(self, key: str, *, rate: float, burst: int, longest_wait: float) -> float | None:
        """Take one token of the limit `key`: `rate` tokens come back per second, and at most `burst` are saved up.

        Tells after how many seconds, at most `longest_wait`, the token may be used; a longer wait takes none, and is
        told all the same. None: whoever shares cannot be asked in time; never raises, never takes long.
        """
        ...

    def give_back(self, key: str, *, rate: float) -> None:
        """A token that was reserved is not going to be used: whoever waited has left. Returns at once."""
        ...
