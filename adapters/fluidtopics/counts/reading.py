"""From what `event-counts` answers to a tally. Does no I/O.

An answer has a row per name and period: thousands for a year of days. What is done here for each row costs more than to
decode it, if it is not done with care.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from functools import lru_cache
from typing import cast

from adapters.drift import OTHERS, DriftKind, DriftLog
from adapters.errors import InvalidResponseError
from adapters.fluidtopics import wire
from adapters.fluidtopics.counts.tally import Counts, Tally
from adapters.query import Period, Window
from adapters.times import parse_day

WINDOWS_KEPT = 64
"""Windows of which the periods are kept: sources are asked for the same ones, and they for a year at most."""

_DAYS_KEPT = 1024
_DAY = len("YYYY-MM-DD")
_NO_NAMES: AbstractSet[str] = frozenset()


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
    is_whole = not drift or not any(
        kind is DriftKind.MISTYPED and field.endswith(("[]", OTHERS)) for field, kind, _ in drift
    )
    spans = spans_of(window, period)
    plain = _plain(answer.results, spans)
    if plain is not None:
        return Tally(spans=spans, counts=plain, doubtful=_NO_NAMES if is_whole else plain.keys(), is_complete=is_whole)
    reading = _Reading(drift)
    for result in answer.results:
        reading.add(result)
    strange = reading.days.difference(spans)
    if any(period.floor(start) != start for start in map(_midnight, strange)):
        return None
    reading.drop(strange)
    return Tally(
        spans=spans,
        counts=reading.told,
        doubtful=reading.told.keys() & reading.doubtful if is_whole else reading.told.keys(),
        is_complete=is_whole and None not in reading.doubtful,
    )


@lru_cache(maxsize=WINDOWS_KEPT)
def spans_of(window: Window, period: Period) -> Mapping[str, datetime]:
    """The starts of the periods of a window, oldest first, by their first day as `YYYY-MM-DD`."""
    return {start.date().isoformat(): start for start in period.starts(window)}


def _plain(results: Sequence[wire.NameCount], spans: Mapping[str, datetime]) -> Mapping[str, Counts] | None:
    """The counts as they were sent. None: they have to be looked at row by row.

    They need not as nearly always: where each row has a date, which is one of the spans', and a date of its own.
    """
    told: dict[str, Counts] = {}
    days: set[str | None] = set()
    for result in results:
        name, rows = result.name, result.periods
        if name is None or rows is None or name in told:
            return None
        counts = {row.period_start_date: row.event_count for row in rows}
        if len(counts) < len(rows):
            return None
        days.update(counts)
        told[name] = cast("Counts", counts)
    return told if days <= spans.keys() else None


class _Reading:
    """What the rows of one answer tell, taken one by one."""

    def __init__(self, drift: DriftLog) -> None:
        self.told: dict[str, dict[str, int | None]] = {}
        """The counts of each name by the first days of their periods."""
        self.days: set[str] = set()
        """The first days of all periods told."""
        self.doubtful: set[str | None] = set()
        """The names of which not all could be read. None: of names that could not."""
        self._drift = drift

    def add(self, result: wire.NameCount) -> None:
        """All rows of one name."""
        name = result.name
        if name is None or result.periods is None:
            self.doubtful.add(name)
        told = self.told.setdefault(name, {}) if name is not None else {}
        for row in result.periods or ():
            text = row.period_start_date
            # Newer releases take date-times, and may send them; the day is what counts.
            if text is None or not _is_day(day := text[:_DAY]):
                self._undated(name, text)
                continue
            self.days.add(day)
            if told.setdefault(day, row.event_count) != row.event_count:
                told[day] = None  # told twice and differently, it is not told at all

    def drop(self, days: Iterable[str]) -> None:
        """Forget the periods that start then."""
        for day in days:
            for counts in self.told.values():
                counts.pop(day, None)

    def _undated(self, name: str | None, text: str | None) -> None:
        self.doubtful.add(name)
        if text is not None:
            self._drift.note("results[].periods[].periodStartDate", DriftKind.MISTYPED)


@lru_cache(maxsize=_DAYS_KEPT)
def _is_day(text: str) -> bool:
    """Whether it is a day of the calendar; answers tell the same ones, and a portal keeps a year of them."""
    return parse_day(text) is not None


def _midnight(day: str) -> datetime:
    """With which a day of the calendar begins."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)
