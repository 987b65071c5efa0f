"""Which simulated event happens when, to whom: any event of any day can be told without telling those before it.

A day is a stretch of one long tape of visits, and its events are spread over its hours. So a day needs a few bytes
per event, for a moment, and millions of events need none.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property, lru_cache
from itertools import accumulate

from adapters.fluidtopics.simulated.scenes import NAMES, VISITS
from adapters.simulation import Company, World

DAY = 86_400_000
"""Milliseconds."""
EPOCH = date(1970, 1, 1)
ANONYMOUS = -1
"""Number of the person who is nobody in particular."""

_SHORTEST_TAPE = 32_768
_BUSIER = 1.5
"""How much busier than the busiest day of the past year a day to come may be."""
_ANONYMOUS_SHARE = 0.12
_DAYS_AT_HAND = 40
_DAYS_OF_A_YEAR = 365


@dataclass(frozen=True, kw_only=True)
class Day:
    """One day's events, in order; each is known by its place, from 0."""

    number: int
    """Days since 1970."""
    count: int
    company: Company
    hours: Sequence[float]
    """How much of the day is over at the end of each hour."""
    names: bytes
    """Of each event, the place of its name in `NAMES`."""
    visits: Sequence[int]
    """Of each event, the number of the visit that it belongs to. Never decreases."""

    @cached_property
    def visitors(self) -> Sequence[int]:
        """The number of the person of each visit, counted from the day's first."""
        visits = self.visits[-1] - self.visits[0] + 1 if self.count else 0
        people = self.company.employees(EPOCH + timedelta(days=self.number))
        weights = [person.weight for person in people]
        numbers = [*(person.number for person in people), ANONYMOUS]
        weights.append(sum(weights) * _ANONYMOUS_SHARE)
        chosen = self.company.rng("visitors", self.number).choices(numbers, weights, k=visits)
        return array("h", chosen)

    def moments(self, places: Iterable[int]) -> list[int]:
        """When events happened, in milliseconds since 1970. Never decreases from one place to the next."""
        hours, midnight, salt = self.hours, self.number * DAY, self.number * 40_503
        hour, begin, end = 0, 0.0, 0.0
        moments = []
        for place in places:
            # Each event has its own slot of the day's rhythm, and some place within that.
            share = (place + ((place * 2_654_435_761 + salt) & 0xFFFF) / 65_536) / self.count
            if not begin <= share < end:
                hour = bisect_right(hours, share, hi=23)
                begin, end = hours[hour - 1] if hour else 0.0, hours[hour]
            moments.append(midnight + int((hour + (share - begin) / (end - begin)) * 3_600_000))
        return moments

    def moment(self, place: int) -> int:
        """When one event happened."""
        return self.moments((place,))[0]

    def place_at(self, moment: int) -> int:
        """The place of the first event at or after a moment."""
        if moment <= self.number * DAY:
            return 0
        if moment >= (self.number + 1) * DAY:
            return self.count
        return bisect_left(range(self.count), moment, key=self.moment)


class Timeline:
    """All days of a world."""

    def __init__(self, world: World) -> None:
        """Lay out the tape. Nothing lies behind the world's clock's now."""
        self._world = world
        self.company = world.company
        self._hours = tuple(accumulate(world.company.hour_weights))
        last_year = [world.company.today - timedelta(days=back) for back in range(1, _DAYS_OF_A_YEAR + 1)]
        activities = list(map(world.company.activity, last_year))
        self._scale = world.events / sum(activities)
        self._most = max(_SHORTEST_TAPE, round(_BUSIER * self._scale * max(activities)))
        self._names, self._visits = _tape(world.company, 2 * self._most)
        self.day = lru_cache(maxsize=_DAYS_AT_HAND)(self._day)
        self.count = lru_cache(maxsize=1000)(self._count)

    def now(self) -> int:
        """Milliseconds since 1970."""
        return int(self._world.clock.now().timestamp() * 1000)

    def days(self, start: int, end: int) -> Iterator[tuple[int, int, int]]:
        """The days of a span of milliseconds that is half open: number, first place, and the place behind the last."""
        end = min(end, self.now() + 1)
        for number in range(start // DAY, (end - 1) // DAY + 1):
            count = self.count(number)
            is_cut = start > number * DAY or end < (number + 1) * DAY
            if is_cut:
                day = self.day(number)
                yield number, day.place_at(start), day.place_at(end)
            else:
                yield number, 0, count

    def _count(self, number: int) -> int:
        activity = self.company.activity(EPOCH + timedelta(days=number))
        return min(round(self._scale * activity), self._most)

    def _day(self, number: int) -> Day:
        count = self.count(number)
        start = int(self.company.fraction("tape", number) * self._most)
        return Day(
            number=number,
            count=count,
            company=self.company,
            hours=self._hours,
            names=self._names[start : start + count],
            visits=self._visits[start : start + count],
        )


def _tape(company: Company, length: int) -> tuple[bytes, "array[int]"]:
    """Names and visits of at least so many events: twice as many as a day has, which may begin anywhere in one half."""
    draw = company.rng("tape")
    kinds = [[NAMES.index(name) for name in names] for _, names in VISITS]
    weights = [weight for weight, _ in VISITS]
    names = bytearray()
    visits = array("i")
    visit = 0
    while len(names) < length:
        for kind in draw.choices(kinds, weights, k=1000):
            # Some leave early.
            stay = kind if draw.random() < 0.6 else kind[: draw.randrange(1, len(kind) + 1)]  # noqa: PLR2004 - plausible
            names += bytes(stay)
            visits.extend([visit] * len(stay))
            visit += 1
    return bytes(names), visits
