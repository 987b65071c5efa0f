"""What is put to which source."""

from dataclasses import dataclass
from datetime import timedelta

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One question to one source."""

    source: OpenSource
    question: Question

    @property
    def part(self) -> Part:
        """The part of the answer that the question is about."""
        return _PARTS[type(self.question)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that is asked for one call, and what it takes for the call to succeed."""

    asks: tuple[Ask, ...]
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
