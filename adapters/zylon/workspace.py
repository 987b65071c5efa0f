"""What the fictional company does in Zylon, for the simulator: made day by day, when asked for, and always the same."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from typing import NamedTuple

from adapters.simulation import Company, Person, Project, World

ADOPTED = timedelta(days=330)
"""How long before its `today` the company began to use Zylon: so late that a year's series add up to the totals."""

_DAY = timedelta(days=1)
_INTERACTIONS_PER_DAY = 6.0
_FLOWS_PER_INTERACTION = 0.04
_THREADS_PER_INTERACTION = 0.15
_DOCUMENTS_PER_PERSON = 0.05
_IN_PROJECT = 0.7
_DAYS_KEPT = 800


class Deeds(NamedTuple):
    """What one person did within one day, or a part of it."""

    person: Person
    project: Project | None
    """In which the interactions and agent flows happened."""
    interactions: int
    agent_flows: int
    threads: int
    documents: int

    def part(self, start: float, end: float) -> "Deeds":
        """Those between two points of the day's activity, 0 to 1; parts of a day add up to the day."""
        counts = (int(count * end) - int(count * start) for count in self[2:])
        return Deeds(self.person, self.project, *counts)


class Workspace:
    """The organisation of the company of a world."""

    def __init__(self, world: World) -> None:
        """Make nothing yet."""
        self._world = world
        self.company: Company = world.company
        self.adopted: date = world.company.today - ADOPTED
        self._on = lru_cache(maxsize=_DAYS_KEPT)(self._make)

    def now(self) -> datetime:
        """Nothing happens later."""
        return self._world.clock.now()

    def deeds(self, start: datetime, end: datetime) -> Iterator[tuple[date, list[Deeds]]]:
        """What was done from `start` on and before `end`, day by day; nothing before the adoption or after now."""
        start = max(start, datetime.combine(self.adopted, time(), UTC))
        end = min(end, self.now())
        day = start.date()
        while datetime.combine(day, time(), UTC) < end:
            since, until = self._progress(day, start), self._progress(day, end)
            whole = (since, until) == (0.0, 1.0)
            yield day, self._on(day) if whole else [deed.part(since, until) for deed in self._on(day)]
            day += _DAY

    def projects(self) -> list[Project]:
        """Those that exist by now."""
        return [project for project in self.company.projects if project.started <= self.now().date()]

    def _make(self, day: date) -> list[Deeds]:
        draw = self.company.rng("zylon", day).random
        activity = self.company.activity(day)
        done = (self._deeds(person, activity * person.weight, draw) for person in self.company.employees(day))
        return [deeds for deeds in done if deeds.interactions or deeds.documents]

    def _deeds(self, person: Person, drive: float, draw: Callable[[], float]) -> Deeds:
        """`drive` is about 1 for an ordinary person on an ordinary day; `draw` gives numbers in [0, 1)."""
        interactions = int(2 * _INTERACTIONS_PER_DAY * drive * draw() + draw())
        documents = int(_DOCUMENTS_PER_PERSON * drive + draw())
        if not interactions:
            return Deeds(person, None, 0, 0, 0, documents)
        projects = self._projects_of.get(person.number)
        project = projects[int(draw() * len(projects))] if projects and draw() < _IN_PROJECT else None
        agent_flows = int(interactions * _FLOWS_PER_INTERACTION + draw())
        threads = int(interactions * _THREADS_PER_INTERACTION + draw())
        return Deeds(person, project, interactions, agent_flows, threads, documents)

    @cached_property
    def _projects_of(self) -> dict[int, list[Project]]:
        """By the number of the member."""
        found: dict[int, list[Project]] = {}
        for project in self.company.projects:
            for member in project.members:
                found.setdefault(member.number, []).append(project)
        return found

    def _progress(self, day: date, moment: datetime) -> float:
        """How much of a day's activity lies before a moment, from 0 to 1."""
        hours = (moment - datetime.combine(day, time(), UTC)) / timedelta(hours=1)
        if not 0 < hours < 24:  # noqa: PLR2004 - hours of a day
            return 0.0 if hours <= 0 else 1.0
        weights = self.company.hour_weights
        return sum(weights[: int(hours)]) + weights[int(hours)] * (hours % 1)
