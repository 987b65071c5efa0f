"""What the simulated portal answers to a question that it has accepted."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

import msgspec

from adapters.fluidtopics.simulated.inspection import CountsAsked, EventsAsked, UserFilter
from adapters.fluidtopics.simulated.scenes import NAMES
from adapters.fluidtopics.simulated.script import Script, profile
from adapters.fluidtopics.simulated.selection import Selections, Stretch
from adapters.fluidtopics.simulated.shapes import page_bounds, reshaped
from adapters.fluidtopics.simulated.timeline import ANONYMOUS, EPOCH, Timeline
from adapters.query import Window
from adapters.simulation import Company, World

_DAYS_COUNTED = 800


class Portal:
    """Answers in JSON."""

    def __init__(self, world: World) -> None:
        """Answer for the company of a world."""
        self._timeline = Timeline(world)
        self._script = Script(world.company)
        self._selections = Selections(self._timeline)
        self._company = world.company
        self._names_of_day = lru_cache(maxsize=_DAYS_COUNTED)(self._count_names)

    def events(self, asked: EventsAsked, switches: Mapping[str, str]) -> bytes:
        """The answer of `events`."""
        stretch = self._stretch(asked)
        first, end, is_last = page_bounds(switches["pages"], asked.page, asked.per_page, stretch.total)
        lines = self._lines(stretch, first, end, is_latest_first=asked.is_latest_first)
        paging: dict[str, object] = {"page": asked.page, "perPage": asked.per_page}
        if switches["total_count"] == "on":
            paging["totalCount"] = stretch.total
        if switches["last_page"] == "on":
            paging["lastPage"] = is_last
        head = msgspec.json.encode({"startDate": _naive(asked.start), "endDate": _naive(asked.end), "paging": paging})
        return f'{head.decode()[:-1]},"results":{reshaped(lines, switches)}}}'.encode()

    def counts(self, asked: CountsAsked) -> bytes:
        """The answer of `event-counts`, which leaves out what did not occur."""
        window = Window(start=asked.start, end=asked.end) if asked.start < asked.end else None
        periods = {} if window is None else self._periods(window, asked)
        results = [
            {
                "name": name,
                "periods": [_period(asked, start, names[name]) for start, names in periods.items() if names[name]],
            }
            for name in asked.filters.name or NAMES
            if any(names[name] for names in periods.values())
        ]
        answer = {"startDate": asked.start.date(), "endDate": asked.end.date(), "results": results}
        return msgspec.json.encode(answer)

    def _stretch(self, asked: EventsAsked) -> Stretch:
        filters = asked.filters
        names = frozenset(filters.name) if filters.name else None
        selection = self._selections.get(filters, names, lambda: _visitors(self._company, filters.user))
        return Stretch.of(selection, _milliseconds(asked.start), _milliseconds(asked.end))

    def _lines(self, stretch: Stretch, first: int, end: int, *, is_latest_first: bool) -> list[str]:
        first, end = min(first, stretch.total), min(end, stretch.total)
        if is_latest_first:
            first, end = stretch.total - end, stretch.total - first
        lines = [line for day, places in stretch.between(first, end) for line in self._script.lines(day, places)]
        return lines[::-1] if is_latest_first else lines

    def _periods(self, window: Window, asked: CountsAsked) -> dict[datetime, Counter[str]]:
        periods: dict[datetime, Counter[str]] = {}
        for number, first, end in self._timeline.days(_milliseconds(window.start), _milliseconds(window.end)):
            midnight = datetime.combine(EPOCH, datetime.min.time(), window.start.tzinfo) + timedelta(days=number)
            start = max(asked.period.floor(midnight), window.start)
            periods.setdefault(start, Counter()).update(self._names_of_day(number, first, end))
        return periods

    def _count_names(self, number: int, first: int, end: int) -> dict[str, int]:
        names = self._timeline.day(number).names[first:end]
        return {name: names.count(place) for place, name in enumerate(NAMES)}


def _visitors(company: Company, wanted: UserFilter) -> dict[int, bool] | None:
    """Whether each person passes: any value within a list, and every list that is not empty. None: everybody does."""
    if wanted == UserFilter():
        return None
    verdicts = {person.number: _passes(profile(person) or {}, wanted) for person in company.people}
    return verdicts | {ANONYMOUS: False}


def _passes(person: Mapping[str, object], wanted: UserFilter) -> bool:
    return all(not values or set(values) & held for values, held in _lists(person, wanted))


def _lists(person: Mapping[str, object], wanted: UserFilter) -> Iterator[tuple[tuple[str, ...], set[object]]]:
    yield wanted.id, {person["id"]}
    for values, member in ((wanted.realm, "realm"), (wanted.group, "groups"), (wanted.role, "roles")):
        held = person[member]
        yield values, set(held) if isinstance(held, list) else set()


def _period(asked: CountsAsked, start: datetime, count: int) -> dict[str, object]:
    end = min(asked.period.after(asked.period.floor(start)), asked.end)
    return {"periodStartDate": start.date(), "periodEndDate": end.date(), "eventCount": count}


def _naive(moment: datetime) -> str:
    return moment.replace(tzinfo=None, microsecond=0).isoformat()


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
