"""Observations that replicas share, and the leases by which one of them asks for all."""

import math
import secrets
from functools import partial

from gateway.shared.compression import LARGEST, pack, unpack
from gateway.shared.reach import Reach
from gateway.shared.server import OutOfReachError
from gateway.shared.writing import Writer

_MOST_LEASES = 4096
"""Leases of which is remembered that they are ours: far more than there are questions under way."""

# Only the owner releases: by then the lease may have ended, and be another replica's.
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisCache:
    """`SharedCache` of the federation."""

    def __init__(self, reach: Reach, writer: Writer, *, prefix: str) -> None:
        """Keep everything under keys that begin with `prefix`."""
        self._reach = reach
        self._writer = writer
        self._values = f"{prefix}:value"
        self._leases = f"{prefix}:lease"
        self._tokens: dict[str, str] = {}

    async def get(self, key: str) -> bytes | None:
        """What was put there and has not ended; None if there is nothing, or nobody can tell in time."""
        try:
            stored = await self._reach.ask("get", "GET", f"{self._values}:{key}")
        except OutOfReachError:
            return None
        return await unpack(stored) if isinstance(stored, bytes) else None

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep a value for so long, in place of what was there. Returns at once, before it is done.

        Nothing is kept of a value that is too large, or for which there is no room among those that wait.
        """
        if self._reach.is_up and len(value) <= LARGEST:
            self._writer.add(partial(self._put, key, value, _milliseconds(seconds)), size=len(value))

    async def lease(self, key: str, seconds: float) -> bool:
        """Whether this replica is the one that asks: for so long no other gets the same lease, unless it is released.

        True also when nobody can tell in time.
        """
        token = secrets.token_hex(8)
        command = ("SET", f"{self._leases}:{key}", token, "NX", "PX", _milliseconds(seconds))
        try:
            reply = await self._reach.ask("lease", *command, unheard=partial(self._unheard, key, token))
        except OutOfReachError:
            # It may have been given all the same; then it is ours to release.
            self._remember(key, token)
            return True
        if reply is not None:
            self._remember(key, token)
        return reply is not None

    def release(self, key: str) -> None:
        """Give up a lease that `lease` has given. Returns at once, and is done after what was put before."""
        token = self._tokens.pop(key, None)
        if token is not None and self._reach.is_up:
            self._writer.add(partial(self._release, key, token))

    def _remember(self, key: str, token: str) -> None:
        self._tokens.pop(key, None)
        self._tokens[key] = token
        if len(self._tokens) > _MOST_LEASES:
            del self._tokens[next(iter(self._tokens))]

    def _unheard(self, key: str, token: str, reply: object) -> None:
        """A lease was given to somebody who had left. Who left for lack of time counts on it, and releases it."""
        if reply is not None and self._tokens.get(key) != token:
            self._writer.add(partial(self._release, key, token))

    async def _put(self, key: str, value: bytes, milliseconds: int) -> None:
        stored = await pack(value)
        await self._reach.ask("put", "SET", f"{self._values}:{key}", stored, "PX", milliseconds)

    async def _release(self, key: str, token: str) -> None:
        await self._reach.ask("lease", "EVAL", _RELEASE, 1, f"{self._leases}:{key}", token)


def _milliseconds(seconds: float) -> int:
    return max(1, math.ceil(seconds * 1000))
