"""What is put to which source."""

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventsQuestion,
    MetricsQuestion,
    RankingQuestion,
    SeriesQuestion,
)
from gateway.federation.open_source import OpenSource
from unified.analytics.v1 import freshness_pb2, outcome_pb2
from unified.analytics.v1.freshness_pb2 import Freshness
from unified.analytics.v1.outcome_pb2 import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckQuestion:
    """Whether the source can be reached at all."""


Question = (
    MetricsQuestion
    | SeriesQuestion
    | RankingQuestion
    | AccountQuestion
    | EventsQuestion
    | CountQuestion
    | CheckQuestion
)

_PARTS: dict[type[Question], Part] = {
    MetricsQuestion: outcome_pb2.PART_METRICS,
    SeriesQuestion: outcome_pb2.PART_TIME_SERIES,
    RankingQuestion: outcome_pb2.PART_RANKINGS,
    AccountQuestion: outcome_pb2.PART_ACCOUNTS,
    EventsQuestion: outcome_pb2.PART_EVENTS,
    CountQuestion: outcome_pb2.PART_EVENTS,
    CheckQuestion: outcome_pb2.PART_UNSPECIFIED,
}


class Key:
    """Equal for questions that have the same answer. The source in it is a configured one: it implies its credential.

    It is looked up eight times for each question that is put, so that its hash is worked out once.
    """

    __slots__ = ("_hash", "which")

    def __init__(self, *which: Hashable) -> None:
        """A key of all that tells one question from another."""
        self.which = which
        self._hash = hash(which)

    def __hash__(self) -> int:
        """Of what it is a key of."""
        return self._hash

    def __eq__(self, other: object) -> bool:
        """Whether it is a key of the same."""
        return isinstance(other, Key) and self.which == other.which


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One question to one source. Without slots: many calls may ask the same, and what follows is found out once."""

    source: OpenSource
    question: Question

    @cached_property
    def part(self) -> Part:
        """The part of the answer that the question is about."""
        return _PARTS[type(self.question)]

    @cached_property
    def place(self) -> tuple[str, Part]:
        """The source's id and the part: where its outcome stands among others."""
        return self.source.id, self.part

    @cached_property
    def key(self) -> Key | None:
        """The key of the question within this process; None for one that is always put anew."""
        match self.question:
            case CheckQuestion():
                return None
            case MetricsQuestion(metrics=metrics) if metrics <= self.source.level_metrics:
                # How things are now does not depend on the window.
                return Key(self.source.id, metrics)
            case question:
                return Key(self.source.id, question)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that is asked for one call, and what it takes for the call to succeed."""

    asks: tuple[Ask, ...]
    """Sorted by the ids of their sources."""
    required: frozenset[str] = frozenset()
    """Ids of the sources that must answer each part that they are asked for."""
    whole: bool = False
    """Every source must answer everything."""
    token_field: str = ""
    """The field of the request that brought the positions in the questions."""
    freshness: Freshness = freshness_pb2.FRESHNESS_UNSPECIFIED
    """How fresh the observations must be."""
    max_age: timedelta | None = None
    """The oldest observation that will do; None: the sources' own policies decide."""
