"""One fictional company with a year of growth behind it: the people, things and habits that all simulators share."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from itertools import product
from math import cos, pi

from adapters.simulation import chance, words

HEADCOUNT = 300
"""People whom the company has ever hired."""
PROJECT_COUNT = 40
DOCUMENT_COUNT = 200

_AGE = timedelta(days=8 * 365)
_HIRED_WITHIN_A_YEAR = 0.3
_GROWTH_PER_YEAR = 0.35
# Odds, of people and of projects.
_HAS_LEFT = 0.15
_HAS_DEADLINE = 0.6
_IS_PRIVATE = 0.5
# What is left of an ordinary working day, Monday to Sunday.
_WEEK = (1.0, 1.05, 1.05, 1.0, 0.85, 0.15, 0.12)
_LAST_DAY_BEFORE_CHRISTMAS = (12, 23)
_TODAY = date(2026, 3, 18)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who works, or worked, there."""

    number: int
    """From 0."""
    id: str
    """Unique and readable, such as `sasha-patel`."""
    name: str
    email: str
    department: str
    title: str
    hired: date
    left: date | None
    weight: float
    """How much more than others the person uses tools: about 1 on average, and much more for a few."""

    def is_active(self, day: date) -> bool:
        """Whether the person works there on that day."""
        return self.hired <= day and (self.left is None or day < self.left)


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """Something that several people work on."""

    number: int
    id: str
    """Unique and readable, such as `customer-insights`."""
    name: str
    goal: str
    started: date
    deadline: date | None
    is_private: bool
    members: tuple[Person, ...] = field(repr=False)
    """At least two; the first one owns it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Something that the company has published for its customers."""

    number: int
    id: str
    """Unique and readable, such as `aurora-server-4-1-user-guide`."""
    title: str
    version: str


@dataclass(frozen=True, kw_only=True)
class Company:
    """All that is the same in every tool. Only the seed and the day decide what it is."""

    seed: int = 1
    today: date = _TODAY
    """The day on which the company is as large as it gets here."""

    name: str = words.COMPANY
    domain: str = words.DOMAIN

    def rng(self, *key: object) -> random.Random:
        """Randomness for one key, whatever else was drawn. Costs some 10 µs."""
        return chance.rng(self.seed, *key)

    def fraction(self, *key: object) -> float:
        """One number in [0, 1) for one key, whatever else was drawn. Costs some 2 µs."""
        return chance.fraction(self.seed, *key)

    @cached_property
    def people(self) -> tuple[Person, ...]:
        """All `HEADCOUNT` of them, in the order in which they were hired."""
        names = [f"{given} {family}" for given in words.GIVEN_NAMES for family in words.FAMILY_NAMES]
        chosen = self.rng("names").sample(names, HEADCOUNT)
        hired = sorted(self._hired(number) for number in range(HEADCOUNT))
        return tuple(self._person(number, chosen[number], hired[number]) for number in range(HEADCOUNT))

    @cached_property
    def projects(self) -> tuple[Project, ...]:
        """All `PROJECT_COUNT` of them, in no particular order."""
        names = [f"{subject} {kind}" for subject in words.PROJECT_SUBJECTS for kind in words.PROJECT_KINDS]
        chosen = self.rng("projects").sample(names, PROJECT_COUNT)
        return tuple(self._project(number, name) for number, name in enumerate(chosen))

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All `DOCUMENT_COUNT` of them: every guide of every version of every product."""
        titles = product(words.PRODUCTS, words.VERSIONS, words.GUIDES)
        return tuple(_document(number, *parts) for number, parts in enumerate(titles))

    @cached_property
    def search_terms(self) -> tuple[str, ...]:
        """What customers look for, the most frequent first; `chance.zipf` has fitting weights."""
        terms = [f"{action}{subject}" for action in words.SEARCH_ACTIONS for subject in words.SEARCH_SUBJECTS]
        return tuple(self.rng("terms").sample(terms, len(terms)))

    @cached_property
    def hour_weights(self) -> tuple[float, ...]:
        """How much of a day happens in each of its 24 hours, UTC. The sum is 1."""
        # Most in the early afternoon, a little at night: customers are everywhere.
        raw = [0.15 + max(0.0, cos((hour - 13) * pi / 11)) for hour in range(24)]
        return tuple(weight / sum(raw) for weight in raw)

    def activity(self, day: date) -> float:
        """How busy a day is, by week, season and growth. An ordinary working day of `today`'s company is about 1."""
        growth: float = (1 + _GROWTH_PER_YEAR) ** ((day - self.today).days / 365)
        return growth * _WEEK[day.weekday()] * _season(day) * (0.9 + 0.2 * self.fraction("day", day))

    def employees(self, day: date) -> tuple[Person, ...]:
        """Who works there on a day."""
        return tuple(person for person in self.people if person.is_active(day))

    def _hired(self, number: int) -> date:
        random = self.rng("hired", number)
        span = timedelta(days=365) if random.random() < _HIRED_WITHIN_A_YEAR else _AGE
        return self.today - timedelta(days=1 + int(random.random() * span.days))

    def _person(self, number: int, name: str, hired: date) -> Person:
        random = self.rng("person", number)
        department = random.choices(tuple(words.TITLES_BY_DEPARTMENT), words.DEPARTMENT_WEIGHTS)[0]
        left = hired + timedelta(days=90 + random.randrange(3000)) if random.random() < _HAS_LEFT else None
        return Person(
            number=number,
            id=_slug(name),
            name=name,
            email=f"{_slug(name, '.')}@{self.domain}",
            department=department,
            title=random.choice(words.TITLES_BY_DEPARTMENT[department]),
            hired=hired,
            left=left if left is not None and left < self.today else None,
            weight=random.paretovariate(1.6) / 2.7,
        )

    def _project(self, number: int, name: str) -> Project:
        random = self.rng("project", number)
        started = self.today - timedelta(days=1 + random.randrange(700))
        return Project(
            number=number,
            id=_slug(name),
            name=name,
            goal=f"{random.choice(words.GOAL_VERBS)} what {random.choice(self.people).department} needs.",
            started=started,
            deadline=started + timedelta(days=90 + random.randrange(700)) if random.random() < _HAS_DEADLINE else None,
            is_private=random.random() < _IS_PRIVATE,
            members=tuple(random.sample(self.people, random.randrange(2, 15))),
        )


def _document(number: int, product: str, version: str, guide: str) -> Document:
    title = f"{product} {version} {guide}"
    return Document(number=number, id=_slug(title), title=title, version=version)


def _season(day: date) -> float:
    """What is left of a working day in the summer and between the years."""
    if (day.month, day.day) > _LAST_DAY_BEFORE_CHRISTMAS or (day.month, day.day) == (1, 1):
        return 0.35
    return 0.75 if day.month in {7, 8} else 1.0


def _slug(text: str, separator: str = "-") -> str:
    return text.lower().replace(" ", separator).replace(".", separator if separator == "." else "-")
