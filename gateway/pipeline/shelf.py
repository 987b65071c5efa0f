"""How old an answer as a whole is, and for how long it may be given again as it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class Kept(Protocol):
    """An observation that is kept."""

    is_used: bool
    """To be set by whoever gives an answer again that it is in: what is not used goes first."""

    @property
    def is_kept(self) -> bool:
        """Whether it still is, and no newer one has taken its place."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ShelfLife:
    """Of an answer that is made of kept observations only. Times are on `Clock.monotonic()`."""

    observed: float
    """When the oldest of the observations was made: its age is the answer's."""
    fresh_until: float
    """When the first of them ceases to be fresh, or an equal request begins to ask something else, as at midnight.

    In the past where one is no longer fresh: the answer is not given again.
    """
    repeatable: bool
    """Whether an equal request may have the same answer. Not so where each call is to be asked anew."""
    kept: Sequence[Kept]
    """The observations, or what stands for them."""

    def is_good(self, now: float) -> bool:
        """Whether an equal request may be answered the same now."""
        if not self.repeatable or now >= self.fresh_until:
            return False
        for each in self.kept:  # noqa: SIM110 - asked for each call that is answered at once: `all` takes thrice as long
            if not each.is_kept:
                return False
        return True

    def use(self) -> None:
        """Note that the answer is given again."""
        for each in self.kept:
            each.is_used = True
