"""Which simulated events a filter lets through, and where the pages of a window of them lie."""

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, compress
from operator import and_

from adapters.fluidtopics.simulated.scenes import NAMES
from adapters.fluidtopics.simulated.timeline import Day, Timeline


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The events of some names and visitors."""

    timeline: Timeline
    names: frozenset[str] | None
    """None: any."""
    visitors: Mapping[int, bool] | None
    """Whether it wants each person, by number. None: anybody."""
    _counts: dict[int, int] = field(default_factory=dict)

    def places(self, number: int, first: int, end: int) -> "range | array[int]":
        """The places of a day's events in a range that are let through, in order."""
        if self.names is None and self.visitors is None:
            return range(first, end)
        return array("i", compress(range(first, end), self._mask(self.timeline.day(number))[first:end]))

    def count(self, number: int, first: int, end: int) -> int:
        """How many of a day's events in a range are let through."""
        if self.names is None and self.visitors is None:
            return end - first
        whole = first == 0 and end == self.timeline.count(number)
        if whole and number in self._counts:
            return self._counts[number]
        count = self._mask(self.timeline.day(number))[first:end].count(1)
        if whole:
            self._counts[number] = count
        return count

    def _mask(self, day: Day) -> bytes:
        """A 1 for each event that is let through, and a 0 for the others."""
        masks = []
        if self.names is not None:
            masks.append(
                day.names.translate(bytes(place < len(NAMES) and NAMES[place] in self.names for place in range(256)))
            )
        if self.visitors is not None:
            visits = [self.visitors[visitor] for visitor in day.visitors]
            first = day.visits[0] if day.count else 0
            masks.append(bytes([visits[visit - first] for visit in day.visits]))
        return masks[0] if len(masks) == 1 else bytes(map(and_, *masks))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """The selected events of a window, oldest first, counted but not told yet."""

    selection: Selection
    days: list[tuple[int, int, int]]
    ends: list[int]
    """How many there are up to the end of each of the days."""

    @classmethod
    def of(cls, selection: Selection, start: int, end: int) -> "Stretch":
        """The events of a span of milliseconds, half open."""
        days = list(selection.timeline.days(start, end))
        return cls(selection=selection, days=days, ends=list(accumulate(selection.count(*day) for day in days)))

    @property
    def total(self) -> int:
        """How many there are."""
        return self.ends[-1] if self.ends else 0

    def between(self, first: int, end: int) -> Iterator[tuple[Day, "range | array[int]"]]:
        """The events from one number to before another, by days."""
        before = 0
        for day, after in zip(self.days, self.ends, strict=True):
            if before < end and first < after:
                places = self.selection.places(*day)
                yield self.selection.timeline.day(day[0]), places[max(0, first - before) : end - before]
            before = after


class Selections:
    """Keeps what the last few filters were found to let through."""

    def __init__(self, timeline: Timeline, most: int = 32) -> None:
        """Keep at most so many."""
        self._timeline = timeline
        self._most = most
        self._kept: dict[object, Selection] = {}

    def get(
        self, key: object, names: frozenset[str] | None, visitors: Callable[[], Mapping[int, bool] | None]
    ) -> Selection:
        """The selection of a filter, which `key` tells from others."""
        if key not in self._kept:
            if len(self._kept) >= self._most:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = Selection(timeline=self._timeline, names=names, visitors=visitors())
        return self._kept[key]
