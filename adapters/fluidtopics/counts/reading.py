"""From what `event-counts` answers to a tally. Does no I/O.

An answer has a row per name and period: thousands for a year of days. What is done here for each row costs more than to
decode it, if it is not done with care.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import cast

from adapters.drift import OTHERS, DriftKind, DriftLog
from adapters.errors import InvalidResponseError
from adapters.fluidtopics import wire
from adapters.fluidtopics.counts.tally import Counts, Tally
from adapters.query import Period, Window
from adapters.times import parse_day

_DAYS_KEPT = 1024
"""Days of which the moment is kept: answers tell the same ones, and a portal keeps a year of them."""


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
    reading = _Reading(drift)
    for result in answer.results:
        reading.add(result)
    spans = list(period.starts(window))
    strange = reading.starts().difference(spans)
    if any(period.floor(start) != start for start in strange):
        return None
    reading.drop(strange)
    return Tally(
        spans=spans,
        counts={
            name: Counts(told=told, left_out=0 if is_whole and name not in reading.doubtful else None)
            for name, told in reading.told.items()
        },
        is_complete=is_whole and None not in reading.doubtful,
    )


class _Reading:
    """What the rows of one answer tell."""

    def __init__(self, drift: DriftLog) -> None:
        self.told: dict[str, dict[datetime, int | None]] = {}
        """The counts of each name by the starts of their periods."""
        self.doubtful: set[str | None] = set()
        """The names of which not all could be read. None: of names that could not."""
        self._starts = _Starts()
        self._drift = drift

    def add(self, result: wire.NameCount) -> None:
        """All rows of one name."""
        name, rows, starts = result.name, result.periods or (), self._starts
        if name is None or result.periods is None:
            self.doubtful.add(name)
        told = {starts[row.period_start_date]: row.event_count for row in rows}
        if name is None or name in self.told or None in told or len(told) < len(rows):
            self._add_one_by_one(name, rows)
        else:
            # As nearly always: each row has a date, and a date of its own.
            self.told[name] = cast("dict[datetime, int | None]", told)

    def _add_one_by_one(self, name: str | None, rows: Iterable[wire.PeriodCount]) -> None:
        told = self.told.setdefault(name, {}) if name is not None else {}
        for row in rows:
            start = self._starts[row.period_start_date]
            if start is None:
                self._undated(name, row.period_start_date)
            elif told.setdefault(start, row.event_count) != row.event_count:
                told[start] = None  # told twice and differently, it is not told at all

    def starts(self) -> set[datetime]:
        """The starts of all periods told."""
        return {start for start in self._starts.values() if start is not None}

    def drop(self, starts: Iterable[datetime]) -> None:
        """Forget the periods that start then."""
        for start in starts:
            for counts in self.told.values():
                counts.pop(start, None)

    def _undated(self, name: str | None, text: str | None) -> None:
        self.doubtful.add(name)
        if text is not None:
            self._drift.note("results[].periods[].periodStartDate", DriftKind.MISTYPED)


class _Starts(dict[str | None, datetime | None]):
    """When periods begin, by the text of their date: each name tells the same ones. None: it cannot be read."""

    def __missing__(self, text: str | None) -> datetime | None:
        # Newer releases take date-times, and may send them; the day is what counts.
        start = self[text] = None if text is None else _midnight(text[:10])
        return start


@lru_cache(maxsize=_DAYS_KEPT)
def _midnight(text: str) -> datetime | None:
    """The moment at which a day begins. None if it cannot be read."""
    day = parse_day(text)
    return None if day is None else datetime.combine(day, time(), UTC)
