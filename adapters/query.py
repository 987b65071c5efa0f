"""The questions that a source can be asked. Each is valid from birth, so that nobody checks it again."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum

from unified.analytics.v1 import event_pb2, time_series_pb2

_NO_OFFSET = timedelta(0)
_DAY = timedelta(days=1)
_WEEK = timedelta(days=7)
_LONGER_THAN_A_MONTH = timedelta(days=32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A span of time, half open: `start` belongs to it, `end` does not. Both are in UTC, and start < end."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        """Raise ValueError on naive or other zones' times, and on an empty or reversed span."""
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:  # as nearly every moment's is
            self._refuse_other_zones()
        if self.start >= self.end:
            message = f"start {self.start.isoformat()} must lie before end {self.end.isoformat()}"
            raise ValueError(message)

    def _refuse_other_zones(self) -> None:
        for name, moment in (("start", self.start), ("end", self.end)):
            if moment.utcoffset() != _NO_OFFSET:
                message = f"{name} must be aware and in UTC, not {moment.isoformat()}"
                raise ValueError(message)


class Period(Enum):
    """How long one point of a series lasts. Periods begin at midnight UTC; weeks on Monday."""

    DAY = time_series_pb2.PERIOD_DAY
    WEEK = time_series_pb2.PERIOD_WEEK
    MONTH = time_series_pb2.PERIOD_MONTH

    def floor(self, moment: datetime) -> datetime:
        """The start of the period that `moment` lies in."""
        moment = moment.astimezone(UTC)
        # A new one takes half the time that `replace` does.
        day = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
        match self:
            case Period.DAY:
                return day
            case Period.WEEK:
                return day - timedelta(days=day.weekday())
            case Period.MONTH:
                return day.replace(day=1)

    def after(self, start: datetime) -> datetime:
        """The start of the period behind the one that begins at `start`, or else the end of the calendar."""
        try:
            if self is Period.MONTH:
                return (start + _LONGER_THAN_A_MONTH).replace(day=1)
            return start + (_WEEK if self is Period.WEEK else _DAY)
        except OverflowError:
            return datetime.max.replace(tzinfo=UTC)

    def divides(self, window: Window) -> bool:
        """Whether a window holds whole periods only: it begins and ends where periods do."""
        return self.floor(window.start) == window.start and self.floor(window.end) == window.end

    def starts(self, window: Window) -> Iterator[datetime]:
        """The starts of the periods of a window, oldest first, the first one also where the window cuts it."""
        start = self.floor(window.start)
        while start < window.end:
            yield start
            start = self.after(start)

    def split(self, window: Window) -> Iterator[tuple[Window, bool]]:
        """The periods of a window, oldest first, each cut to the window, and whether it was cut."""
        for start in self.starts(window):
            end = self.after(start)
            is_cut = start < window.start or window.end < end
            yield Window(start=max(start, window.start), end=min(end, window.end)), is_cut


class EventOrder(Enum):
    """The order of events in time."""

    NEWEST_FIRST = event_pb2.EVENT_ORDER_NEWEST_FIRST
    OLDEST_FIRST = event_pb2.EVENT_ORDER_OLDEST_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """Which events are wanted: any value within a list, and every list that is not empty."""

    names: tuple[str, ...] = ()
    user_ids: tuple[str, ...] = ()
    user_realms: tuple[str, ...] = ()
    user_groups: tuple[str, ...] = ()
    user_roles: tuple[str, ...] = ()

    def is_by_user(self) -> bool:
        """Whether anything but the name decides."""
        return bool(self.user_ids or self.user_realms or self.user_groups or self.user_roles)


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsQuestion:
    """Single numbers: levels and totals now, deltas within the window."""

    window: Window
    metrics: frozenset[str]
    """Ids wanted: some, and only such as the source tells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesQuestion:
    """Numbers period by period."""

    window: Window
    metrics: frozenset[str]
    """Ids wanted: some, and only such as the source tells period by period."""
    period: Period = Period.DAY
    event_names: tuple[str, ...] = ()
    """Of a series per event name, only these. Empty: all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RankingQuestion:
    """The most active subjects of the window."""

    ranking: str
    """Id of one of the source's rankings."""
    window: Window
    limit: int
    """The most entries wanted, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuestion:
    """Events of the window, from a position on."""

    window: Window
    filter: EventFilter = field(default_factory=EventFilter)
    order: EventOrder = EventOrder.OLDEST_FIRST
    size: int = 1000
    """The most events wanted at once, from 1 to 1,000."""
    position: str | None = None
    """Where to go on, as given out by the source for the same window, filter and order. None: at the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CountQuestion:
    """How many events there are."""

    window: Window
    filter: EventFilter = field(default_factory=EventFilter)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountQuestion:
    """What the account behind the credential looks like."""

    paths: frozenset[str] = frozenset()
    """Paths of the fields wanted, in the contract's snake case, such as `license.expiry_time`. Empty: all."""
