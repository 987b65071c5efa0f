"""Rate limits that hold for all replicas together."""

from functools import partial

from gateway.shared.reach import Reach
from gateway.shared.server import OutOfReachError
from gateway.shared.writing import Writer

_MICROSECONDS = 1_000_000

# The generic cell rate algorithm: the key holds when the bucket will be full again, in microseconds of the server's own
# clock, so that those of the replicas need not agree. As a text of whole numbers: Lua would round a longer one.
_RESERVE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst, longest = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local full = math.max(tonumber(redis.call('GET', KEYS[1]) or '') or 0, now)
local wait = math.max(0, full - interval * (burst - 1) - now)
if wait <= longest then
  full = full + interval
  redis.call('SET', KEYS[1], string.format('%.0f', full), 'PX', string.format('%.0f', (full - now) / 1000 + 1))
end
return string.format('%.0f', wait)
"""

_GIVE_BACK = """
local full = tonumber(redis.call('GET', KEYS[1]) or '')
if full then redis.call('SET', KEYS[1], string.format('%.0f', full - ARGV[1]), 'KEEPTTL') end
return 0
"""


class RedisLimits:
    """`SharedLimits` of the adapters."""

    def __init__(self, reach: Reach, writer: Writer, *, prefix: str) -> None:
        """Keep everything under keys that begin with `prefix`."""
        self._reach = reach
        self._writer = writer
        self._limits = f"{prefix}:limit"

    async def reserve(self, key: str, *, rate: float, burst: int, longest_wait: float) -> float | None:
        """Take one token of the limit `key`: `rate` tokens come back per second, and at most `burst` are saved up.

        Tells after how many seconds, at most `longest_wait`, the token may be used; a longer wait takes none, and is
        told all the same. None: the server cannot be asked in time. Whoever leaves meanwhile has taken no token.
        """
        longest = round(longest_wait * _MICROSECONDS)
        command = ("EVAL", _RESERVE, 1, f"{self._limits}:{key}", _interval(rate), burst, longest)
        unheard = partial(self._unheard, key, rate, longest)
        try:
            wait = _whole(await self._reach.ask("limit", *command, unheard=unheard))
        except OutOfReachError:
            return None
        return None if wait is None else wait / _MICROSECONDS

    def give_back(self, key: str, *, rate: float) -> None:
        """A token that was reserved is not going to be used: whoever waited has left. Returns at once."""
        if self._reach.is_up:
            self._writer.add(partial(self._give_back, key, rate))

    def _unheard(self, key: str, rate: float, longest: int, reply: object) -> None:
        """A token was given to somebody who had left."""
        wait = _whole(reply)
        if wait is not None and wait <= longest:
            self.give_back(key, rate=rate)

    async def _give_back(self, key: str, rate: float) -> None:
        await self._reach.ask("limit", "EVAL", _GIVE_BACK, 1, f"{self._limits}:{key}", _interval(rate))


def _interval(rate: float) -> str:
    """Microseconds between two tokens."""
    return f"{_MICROSECONDS / rate:.3f}"


def _whole(reply: object) -> int | None:
    return int(reply) if isinstance(reply, bytes) and reply.isdigit() else None
