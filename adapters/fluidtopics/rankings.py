"""Ranks users, event names and search terms."""

from collections.abc import Callable, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from heapq import nsmallest
from typing import Generic, TypeVar

from adapters.drift import DriftLog
from adapters.errors import AnswerHurriedError, QuestionNotSupportedError
from adapters.fluidtopics import mapping, wire
from adapters.fluidtopics.client import Client
from adapters.fluidtopics.counts.answers import EVENTS_METRIC
from adapters.fluidtopics.counts.counting import Counting, miss_unread
from adapters.fluidtopics.events.scan import Scan
from adapters.fluidtopics.people import People
from adapters.inquiry import Inquiry
from adapters.query import EventFilter, RankingQuestion
from adapters.times import timestamp
from unified.analytics.v1.ranking_pb2 import EventName, Measure, Ranking, RankingEntry, SearchTerm
from unified.analytics.v1.user_pb2 import User

MOST_SUBJECTS = 100_000
"""Different subjects counted at most; with what is kept to show them by, a hundred megabytes as a rule."""
LONGEST_SUBJECT = 1000
"""Characters of a search or an id. Nobody types more, and what is pasted by mistake ranks nowhere."""

M = TypeVar("M")
T = TypeVar("T")

RANKINGS = frozenset({"event-names", "active-users", "search-terms"})
"""Ids of the rankings that there are."""


class Ballot(Generic[M, T]):
    """Counts how often each subject is mentioned, and keeps what the first mention of each showed."""

    def __init__(self, show: Callable[[M], T], most: int = MOST_SUBJECTS) -> None:
        """Count at most so many different subjects. What `show` makes of a mention must not hold on to it."""
        self._show = show
        self._most = most
        self._counts: dict[str, int] = {}
        self._shown: dict[str, T] = {}
        self.is_full = False
        """Subjects were left out because there were too many, or because they were too long."""

    def count(self, key: str, mention: M) -> None:
        """Count a subject once more."""
        if key in self._counts:
            self._counts[key] += 1
        elif len(self._counts) < self._most and len(key) <= LONGEST_SUBJECT:
            self._counts[key] = 1
            self._shown[key] = self._show(mention)
        else:
            self.is_full = True

    def best(self, limit: int) -> list[tuple[T, int]]:
        """The subjects that occur most often, with how often; equal ones in the order of their keys."""
        keys = nsmallest(limit, self._counts, key=lambda key: (-self._counts[key], key))
        return [(self._shown[key], self._counts[key]) for key in keys]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Subject(Generic[M]):
    """What single events are counted by."""

    filter: EventFilter
    mention: Callable[[wire.Event, DriftLog], M | None]
    """What an event mentions. It must not hold on to the event, whose text is the whole page's."""
    key: Callable[[M], str]
    """What makes two mentions mean the same. Empty: nothing that can be ranked."""
    entry: Callable[[M], RankingEntry]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rankings:
    """Event names are ranked by `event-counts`, users and search terms by the oldest events, as far as `scan` reads."""

    source: str
    client: Client
    counting: Counting
    scan: Scan

    async def ranking(self, question: RankingQuestion, inquiry: Inquiry) -> Ranking:
        """At most `question.limit` entries, best first; equal ones by name.

        Raises:
            QuestionNotSupportedError: there is no such ranking.
        """
        match question.ranking:
            case "event-names":
                return await self._event_names(question, inquiry)
            case "active-users":
                return await self._poll(question, _users(), inquiry)
            case "search-terms":
                return await self._poll(question, _searches(), inquiry)
            case unknown:
                raise QuestionNotSupportedError(f"Fluid Topics has no ranking {unknown!r}; it has {sorted(RANKINGS)}.")

    async def _event_names(self, question: RankingQuestion, inquiry: Inquiry) -> Ranking:
        tally = await self.counting.tally(question.window, inquiry)
        miss_unread(question.ranking, tally, inquiry)
        totals = ((name, tally.total(name)) for name in tally.counts)
        # A number that is not known may be any; it is not ranked above one that is.
        best = sorted(totals, key=lambda item: (item[1] is None, -(item[1] or 0), item[0]))[: question.limit]
        return self._ranking(question, [(RankingEntry(event_name=EventName(name=name)), total) for name, total in best])

    async def _poll(self, question: RankingQuestion, subject: _Subject[M], inquiry: Inquiry) -> Ranking:
        ballot = Ballot(subject.entry)
        drift = DriftLog()
        is_cut_off = False
        async with aclosing(self.scan.pages(question.window, subject.filter, inquiry)) as pages:
            async for page in pages:
                is_cut_off = page.is_cut_off
                if page.is_hurried:
                    why = "The time of the call was too short to read all events: the ranking is of the oldest ones."
                    inquiry.miss(question.ranking, AnswerHurriedError(why))
                for event in page.events:
                    mention = subject.mention(event, drift)
                    if mention is not None and (key := subject.key(mention)):
                        ballot.count(key, mention)
        inquiry.drift.merge(drift)
        return self._ranking(question, ballot.best(question.limit), is_truncated=is_cut_off or ballot.is_full)

    def _ranking(
        self,
        question: RankingQuestion,
        best: Iterable[tuple[RankingEntry, float | None]],
        *,
        is_truncated: bool = False,
    ) -> Ranking:
        return Ranking(
            ranking=question.ranking,
            source=self.source,
            ranked_by=EVENTS_METRIC,
            truncated=is_truncated,
            start_time=timestamp(question.window.start),
            end_time=timestamp(question.window.end),
            entries=_ranked(best),
        )


def _ranked(best: Iterable[tuple[RankingEntry, float | None]]) -> list[RankingEntry]:
    """The entries with their places and the one measure that there is."""
    ranked = []
    for rank, (entry, value) in enumerate(best, start=1):
        entry.rank = rank
        entry.measures.append(Measure(metric=EVENTS_METRIC, value=value))
        ranked.append(entry)
    return ranked


def _users() -> _Subject[User]:
    return _Subject(
        filter=EventFilter(),
        mention=People().of,
        key=lambda user: user.id,
        entry=lambda user: RankingEntry(user=user),
    )


def _searches() -> _Subject[str]:
    """Search terms are the same regardless of case and outer white space."""
    return _Subject(
        filter=EventFilter(names=("khub.search",)),
        mention=mapping.search_terms,
        key=str.casefold,
        entry=lambda terms: RankingEntry(search_term=SearchTerm(terms=terms)),
    )
