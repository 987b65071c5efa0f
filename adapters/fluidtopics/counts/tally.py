"""Counts of events by name and span of time. Does no I/O."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

Counts = Mapping[str, int | None]
"""One name's events by the key of their span; spans may be left out. None: that cannot be told."""

_NONE_TOLD: Counts = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many events of each name each span holds."""

    spans: Mapping[str, datetime]
    """The starts of all spans, by the key of each. A day, week or month has its first day as `YYYY-MM-DD`."""
    counts: Mapping[str, Counts]
    """Of each name that occurs, and of no other spans than these."""
    doubtful: AbstractSet[str] = frozenset()
    """The names of which a span that is left out cannot be told. That of any other name is zero."""
    is_complete: bool = True
    """No other name occurs. Not so where part of the answer could not be read: that may be what is left out."""

    @property
    def is_unreadable(self) -> bool:
        """Something was told, and not one count of it could be read."""
        return not self.is_complete and all(
            count is None for name in self.counts for count in self.of(name, self.spans)
        )

    def of(self, name: str, spans: Iterable[str]) -> list[int | None]:
        """The counts of a name, whether it occurs or not, in some spans."""
        told, left_out = self.counts.get(name, _NONE_TOLD), self._left_out(name)
        return [told.get(span, left_out) for span in spans]

    def total(self, name: str) -> int | None:
        """How many events of a name there are. None: that cannot be told."""
        told = self.counts.get(name)
        if told is None:
            return self._left_out(name)
        # Spans that are left out need not be written out to be added up.
        is_all_told = name not in self.doubtful or len(told) == len(self.spans)
        return total(told.values()) if is_all_told else None

    def total_of_all(self) -> int | None:
        """How many events there are. None: that cannot be told."""
        return total(map(self.total, self.counts)) if self.is_complete else None

    def only(self, names: Sequence[str]) -> "Tally":
        """What it says of these names; of all that occur if there are none."""
        if not names:
            return self
        return replace(
            self,
            counts={name: self.counts.get(name, _NONE_TOLD) for name in names},
            doubtful={name for name in names if self._left_out(name) is None},
        )

    def _left_out(self, name: str) -> Literal[0] | None:
        """What holds for the spans that a name leaves out."""
        is_known = name not in self.doubtful if name in self.counts else self.is_complete
        return 0 if is_known else None


def merged(tallies: Sequence[Tally]) -> Tally:
    """Tallies of windows that do not overlap as one."""
    names = {name for tally in tallies for name in tally.counts}
    return Tally(
        spans={key: start for tally in tallies for key, start in tally.spans.items()},
        counts={
            name: {
                key: count
                for tally in tallies
                for key, count in zip(tally.spans, tally.of(name, tally.spans), strict=True)
            }
            for name in names
        },
        is_complete=all(tally.is_complete for tally in tallies),
    )


def total(counts: Iterable[int | None]) -> int | None:
    """The sum. None: one of them is not known."""
    try:
        return sum(counts)  # type: ignore[arg-type] # None cannot be added, which takes less time than to look for it
    except TypeError:
        return None
