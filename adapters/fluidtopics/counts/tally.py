"""Counts of events by name and span of time, as `event-counts` tells them. Does no I/O."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time
from functools import lru_cache

from adapters.drift import OTHERS, DriftKind, DriftLog
from adapters.errors import InvalidResponseError
from adapters.fluidtopics import wire
from adapters.query import Period, Window
from adapters.times import parse_day

Buckets = Mapping[datetime, int | None]
"""Counts by the start of their span. None: that cannot be told."""

_DAYS_KEPT = 1024
"""Days of which the moment is kept: each name tells the same ones, and a portal keeps a year of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How many events of each name each span holds."""

    spans: Sequence[datetime]
    """The starts of all spans."""
    buckets: Mapping[str, Buckets]
    """A count for each name that occurs, and each span."""
    is_complete: bool = True
    """No other name occurs. Not so where part of the answer could not be read: that may be what is left out."""

    @property
    def is_unreadable(self) -> bool:
        """Something was told, and not one count of it could be read."""
        counts = (count for buckets in self.buckets.values() for count in buckets.values())
        return not self.is_complete and all(count is None for count in counts)

    def of(self, name: str) -> Buckets:
        """The counts of a name, whether it occurs or not."""
        if name in self.buckets:
            return self.buckets[name]
        return dict.fromkeys(self.spans, 0 if self.is_complete else None)

    def total(self, name: str) -> int | None:
        """How many events of a name there are. None: that cannot be told."""
        return _sum(self.of(name).values())

    def total_of_all(self) -> int | None:
        """How many events there are. None: that cannot be told."""
        return _sum(map(self.total, self.buckets)) if self.is_complete else None

    def totals_by(self, key: Callable[[datetime], datetime], name: str) -> Buckets:
        """A name's events by the key of the start of their span."""
        groups: dict[datetime, list[int | None]] = {}
        for start, count in self.of(name).items():
            groups.setdefault(key(start), []).append(count)
        return {start: _sum(counts) for start, counts in groups.items()}

    def only(self, names: Iterable[str]) -> "Tally":
        """What it says of these names; of all that occur if there are none."""
        wanted = {name: self.of(name) for name in names}
        return replace(self, buckets=wanted) if wanted else self


def merged(tallies: Sequence[Tally]) -> Tally:
    """Tallies of windows that do not overlap as one."""
    names = {name for tally in tallies for name in tally.buckets}
    return Tally(
        spans=[start for tally in tallies for start in tally.spans],
        buckets={
            name: {start: count for tally in tallies for start, count in tally.of(name).items()} for name in names
        },
        is_complete=all(tally.is_complete for tally in tallies),
    )


def read_tally(answer: wire.CountsAnswer, window: Window, period: Period, drift: DriftLog) -> Tally | None:
    """What an answer says of a window that is asked by whole periods. Rows outside of it are none of ours.

    What the answer leaves out is zero, unless it may be what could not be read. None: its periods are not ours, which
    for weeks may begin on another day.

    Raises:
        InvalidResponseError: the answer has no results at all.
    """
    if answer.results is None:
        raise InvalidResponseError("The answer has no list of counts under `results`, which Fluid Topics promises.")
    # An item of the wrong type is left out of its list, and with it may be anything.
    is_whole = not any(kind is DriftKind.MISTYPED and field.endswith(("[]", OTHERS)) for field, kind, _ in drift)
    told, doubtful = _told(answer.results, drift)
    if any(period.floor(start) != start for start in set().union(*told.values())):
        return None
    spans = [span.start for span, _ in period.split(window)]
    return Tally(
        spans=spans,
        buckets={
            name: {start: counts.get(start, 0 if is_whole and name not in doubtful else None) for start in spans}
            for name, counts in told.items()
        },
        is_complete=is_whole and None not in doubtful,
    )


def _told(results: Iterable[wire.NameCount], drift: DriftLog) -> tuple[Mapping[str, Buckets], Collection[str | None]]:
    """The counts of each name by the starts of their periods, and the names of which not all could be read."""
    told: dict[str, dict[datetime, int | None]] = {}
    doubtful: set[str | None] = set()
    for result in results:
        counts = told.setdefault(result.name, {}) if result.name is not None else {}
        if result.name is None or result.periods is None:
            doubtful.add(result.name)
        for row in result.periods or ():
            start = _start(row.period_start_date, drift)
            if start is None:
                doubtful.add(result.name)
            else:
                # Told twice and differently, it is not told at all.
                counts[start] = row.event_count if counts.get(start, row.event_count) == row.event_count else None
    return told, doubtful


def _start(text: str | None, drift: DriftLog) -> datetime | None:
    if text is None:
        return None
    # Newer releases take date-times, and may send them; the day is what counts.
    start = _midnight(text[:10])
    if start is None:
        drift.note("results[].periods[].periodStartDate", DriftKind.MISTYPED)
    return start


@lru_cache(maxsize=_DAYS_KEPT)
def _midnight(text: str) -> datetime | None:
    """The moment at which a day begins. None if it cannot be read."""
    day = parse_day(text)
    return None if day is None else datetime.combine(day, time(), UTC)


def _sum(counts: Iterable[int | None]) -> int | None:
    total = 0
    for count in counts:
        if count is None:
            return None
        total += count
    return total
