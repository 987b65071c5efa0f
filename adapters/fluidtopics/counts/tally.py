"""Counts of events by name and span of time. Does no I/O."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """One name's events, as they were told: spans that are left out need not be written out to be added up."""

    told: Mapping[datetime, int | None]
    """By the start of their span. None: that cannot be told."""
    left_out: Literal[0] | None
    """What holds for all other spans."""

    def at(self, start: datetime) -> int | None:
        """How many events the span has that starts so."""
        return self.told.get(start, self.left_out)


_NONE_OCCURRED = Counts(told={}, left_out=0)
_NOT_KNOWN = Counts(told={}, left_out=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many events of each name each span holds."""

    spans: Sequence[datetime]
    """The starts of all spans."""
    counts: Mapping[str, Counts]
    """Of each name that occurs, and of no other spans than these."""
    is_complete: bool = True
    """No other name occurs. Not so where part of the answer could not be read: that may be what is left out."""

    @property
    def is_unreadable(self) -> bool:
        """Something was told, and not one count of it could be read."""
        told = (counts.at(start) for counts in self.counts.values() for start in self.spans)
        return not self.is_complete and all(count is None for count in told)

    def of(self, name: str) -> Counts:
        """The counts of a name, whether it occurs or not."""
        return self.counts.get(name) or (_NONE_OCCURRED if self.is_complete else _NOT_KNOWN)

    def total(self, name: str) -> int | None:
        """How many events of a name there are. None: that cannot be told."""
        counts = self.of(name)
        is_all_told = counts.left_out is not None or len(counts.told) == len(self.spans)
        return total(counts.told.values()) if is_all_told else None

    def total_of_all(self) -> int | None:
        """How many events there are. None: that cannot be told."""
        return total(map(self.total, self.counts)) if self.is_complete else None

    def only(self, names: Iterable[str]) -> "Tally":
        """What it says of these names; of all that occur if there are none."""
        wanted = {name: self.of(name) for name in names}
        return replace(self, counts=wanted) if wanted else self


def merged(tallies: Sequence[Tally]) -> Tally:
    """Tallies of windows that do not overlap as one."""
    if len(tallies) == 1:
        return tallies[0]
    names = {name for tally in tallies for name in tally.counts}
    told = {name: {start: tally.of(name).at(start) for tally in tallies for start in tally.spans} for name in names}
    return Tally(
        spans=[start for tally in tallies for start in tally.spans],
        counts={name: Counts(told=counts, left_out=None) for name, counts in told.items()},
        is_complete=all(tally.is_complete for tally in tallies),
    )


def total(counts: Iterable[int | None]) -> int | None:
    """The sum. None: one of them is not known."""
    all_counts = list(counts)
    known = [count for count in all_counts if count is not None]
    return sum(known) if len(known) == len(all_counts) else None
