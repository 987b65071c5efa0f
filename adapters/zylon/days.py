"""What a series of days says about each period of a window. Zylon counts days; weeks and months are summed here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from adapters.errors import InvalidResponseError
from adapters.query import Window
from adapters.times import parse_day
from adapters.transport import Rows
from adapters.zylon.wire import TimeseriesPoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """The days that the upstream keeps, both included."""

    first: date
    last: date
    """Today: what follows has not happened yet."""

    @classmethod
    def at(cls, now: datetime, horizon_days: int) -> "Retention":
        """What is kept at a moment."""
        return cls(first=now.date() - timedelta(days=horizon_days), last=now.date())

    def start(self) -> datetime:
        """The midnight with which it begins, UTC."""
        return midnight(self.first)

    def covers(self, day: date) -> bool:
        """Whether a day is kept and has begun."""
        return self.first <= day <= self.last

    def window(self) -> Window:
        """All of it."""
        return Window(start=self.start(), end=midnight(self.last) + timedelta(days=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyCounts:
    """What the upstream told, day by day."""

    values: Mapping[date, float | None]
    retention: Retention
    is_legible: bool
    """Each row said which day it is about, so that a day left out has nothing."""

    def on(self, day: date) -> float | None:
        """The day's count; None if the upstream did not tell. A day that it covers and leaves out has 0."""
        if day in self.values:
            return self.values[day]
        return 0.0 if self.is_legible and self.retention.covers(day) else None

    def within(self, window: Window) -> float | None:
        """The sum of the days that have begun; None if one of them is not known, or none has begun."""
        counts = [self.on(day) for day in days_of(window) if day <= self.retention.last]
        known = [count for count in counts if count is not None]
        return sum(known) if known and len(known) == len(counts) else None

    def has_holes(self, window: Window) -> bool:
        """Whether a day that the upstream covers cannot be known from its rows."""
        return any(self.on(day) is None for day in days_of(window) if self.retention.covers(day))


def read_days(answer: Rows[TimeseriesPoint], window: Window, retention: Retention) -> DailyCounts:
    """What rows in any order tell about the days of a window; those of other days are passed over.

    A day that is told twice in two ways is not known.

    Raises:
        InvalidResponseError: there are rows, and not one says which day it is about.
    """
    dated = [(day, row.value) for row in answer.rows if (day := parse_day(row.date)) is not None]
    if answer.rows and not dated:
        raise InvalidResponseError("No row of the upstream's series has a date in the documented form, YYYY-MM-DD.")
    values: dict[date, float | None] = {}
    wanted = set(days_of(window))
    for day, value in dated:
        if day in wanted:
            values[day] = value if values.get(day, value) == value else None
    return DailyCounts(values=values, retention=retention, is_legible=answer.are_all and len(dated) == len(answer.rows))


def days_of(window: Window) -> Iterator[date]:
    """The UTC days that the window touches."""
    first, last = window.start.date(), (window.end - timedelta.resolution).date()
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def midnight(day: date) -> datetime:
    """With which a day begins, UTC."""
    return datetime.combine(day, time(), UTC)
