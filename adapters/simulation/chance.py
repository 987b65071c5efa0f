"""Chance without state: a draw for a key depends on no draw before it, so anything can be made lazily."""

import random
from hashlib import blake2b
from itertools import accumulate


def digest(seed: int, *key: object) -> int:
    """128 bits that only the seed and the key decide, the same on every machine."""
    text = "\x1f".join(map(str, (seed, *key)))
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest())


def rng(seed: int, *key: object) -> random.Random:
    """A generator of random numbers for one key. Costs some 10 µs: draw several numbers from one."""
    return random.Random(digest(seed, *key))


def fraction(seed: int, *key: object) -> float:
    """One number in [0, 1) for one key. Costs some 2 µs."""
    # 53 bits are what a float holds; more could round up to 1.
    return (digest(seed, *key) >> 75) / 2**53


def zipf(count: int, exponent: float = 1.0) -> tuple[float, ...]:
    """Cumulative weights, for `random.choices`, of `count` things of which few are frequent and most are rare."""
    return tuple(accumulate(1 / place**exponent for place in range(1, count + 1)))
