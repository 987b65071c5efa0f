"""Checks what the simulated portal is asked, as strictly as the reference is worded."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeVar

import msgspec
from msgspec import Struct

from adapters.query import Period

T = TypeVar("T")

MOST_PER_PAGE = 10_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2})?)?", re.ASCII)
_HORIZON = timedelta(days=365)
_DEFAULT_PER_PAGE = 10
_LATEST_FIRST = {"latestFirst": True, "LatestFirst": True, "oldestFirst": False, "OldestFirst": False}


class Refusal(Exception):  # noqa: N818 - not an error of ours
    """The request is not as the reference wants it; the text says why."""


class UserFilter(Struct, frozen=True):
    """`filters.user`."""

    id: tuple[str, ...] = ()
    realm: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    role: tuple[str, ...] = ()


class Filters(Struct, frozen=True):
    """`filters`. An empty list is none."""

    name: tuple[str, ...] = ()
    user: UserFilter = UserFilter()


class _Paging(Struct, rename="camel"):
    page: int
    per_page: int


class _EventsBody(Struct, rename="camel"):
    start_date: str
    end_date: str | None = None
    filters: Filters = Filters()
    paging: _Paging | None = None
    sort_order: str = "latestFirst"


class _CountsBody(Struct, rename="camel"):
    start_date: str
    end_date: str
    group_by_period: Literal["day", "week", "month"]
    filters: Filters = Filters()


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsAsked:
    """A question for events that may be answered."""

    start: datetime
    end: datetime
    filters: Filters
    page: int
    per_page: int
    is_latest_first: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsAsked:
    """A question for counts that may be answered."""

    start: datetime
    end: datetime
    filters: Filters
    period: Period


def read_events_question(body: bytes, now: datetime, spellings: str) -> EventsAsked:
    """What is asked. Raises Refusal. `spellings` of the sort order that are taken: both, camel or pascal."""
    asked = _decode(body, _EventsBody)
    paging = asked.paging or _Paging(page=1, per_page=_DEFAULT_PER_PAGE)
    if paging.page < 1 or not 1 <= paging.per_page <= MOST_PER_PAGE:
        raise Refusal("paging")
    if asked.sort_order not in _LATEST_FIRST or spellings not in {"both", _case(asked.sort_order)}:
        raise Refusal("sortOrder")
    start, end = _window(asked.start_date, asked.end_date, now)
    return EventsAsked(
        start=start,
        end=end,
        filters=asked.filters,
        page=paging.page,
        per_page=paging.per_page,
        is_latest_first=_LATEST_FIRST[asked.sort_order],
    )


def read_counts_question(body: bytes, now: datetime) -> CountsAsked:
    """What is asked, with dates cut to days. Raises Refusal."""
    asked = _decode(body, _CountsBody)
    start, end = _window(asked.start_date, asked.end_date, now)
    return CountsAsked(
        start=Period.DAY.floor(start),
        end=Period.DAY.floor(end),
        filters=asked.filters,
        period=Period[asked.group_by_period.upper()],
    )


def _decode(body: bytes, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.MsgspecError as error:
        raise Refusal(str(error)) from None


def _window(start_text: str, end_text: str | None, now: datetime) -> tuple[datetime, datetime]:
    start = _moment(start_text)
    end = now if end_text is None else _moment(end_text)
    if end <= start:
        raise Refusal("endDate must be later than startDate")
    if start.date() < (now - _HORIZON).date():
        raise Refusal("startDate must be in the past year")
    return start, end


def _moment(text: str) -> datetime:
    if not _DATE.fullmatch(text):
        raise Refusal("date format")
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Refusal("no such date") from None


def _case(sort_order: str) -> str:
    return "camel" if sort_order[0].islower() else "pascal"
