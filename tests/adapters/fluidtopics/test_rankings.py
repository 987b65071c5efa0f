"""Rankings, met over HTTP."""

from collections import Counter
from collections.abc import Mapping

import pytest

from adapters.drift import DriftKind
from adapters.errors import AnswerHurriedError, AnswerIncompleteError, InvalidResponseError, QuestionNotSupportedError
from adapters.fluidtopics.rankings import LONGEST_SUBJECT, Ballot
from adapters.query import RankingQuestion
from tests.adapters.fluidtopics.portal import WEEK, Portal, portal, slow_portal
from tests.clock import VirtualClock
from tests.running import Running
from unified.analytics.v1.ranking_pb2 import Ranking


async def ranking(docs: Portal, name: str, limit: int = 5) -> Ranking:
    return await docs.source.ranking(RankingQuestion(ranking=name, window=WEEK, limit=limit), docs.inquiry)


def places(told: Ranking) -> list[tuple[str, float]]:
    shown = {"user": "id", "event_name": "name", "search_term": "terms"}
    return [
        (getattr(getattr(entry, subject), shown[subject]), entry.measures[0].value)
        for entry in told.entries
        if (subject := entry.WhichOneof("subject"))
    ]


def best(counts: Counter[str], limit: int = 5) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:limit]


async def test_event_names_are_ranked_by_their_counts_without_reading_events(docs: Portal) -> None:
    expected = best(Counter(event.name for event in await docs.walk()))
    docs.control.requests.clear()
    assert expected == places(await ranking(docs, "event-names"))
    assert ["event-counts"] == docs.paths()


async def test_event_names_of_which_one_cannot_be_read_are_ranked_as_incomplete(docs: Portal) -> None:
    told = '{"name":"khub.search","periods":[{"periodStartDate":"2026-03-13","eventCount":4}]}'
    docs.answers(f'{{"results":[{told},17]}}')
    assert ["khub.search"] == [entry.event_name.name for entry in (await ranking(docs, "event-names")).entries]
    assert {"event-names": AnswerIncompleteError} == docs.missing()


async def test_event_names_of_which_none_can_be_read_are_no_ranking(docs: Portal) -> None:
    docs.answers('{"results":[17]}')
    with pytest.raises(InvalidResponseError):
        await ranking(docs, "event-names")


async def test_users_are_ranked_by_their_events_and_nobody_is_not_ranked(docs: Portal) -> None:
    events = await docs.walk()
    assert not all(event.HasField("user") for event in events)
    told = await ranking(docs, "active-users")
    assert best(Counter(event.user.id for event in events if event.HasField("user"))) == places(told)
    assert {event.user.id: event.user for event in events}[told.entries[0].user.id] == told.entries[0].user
    assert not told.truncated


async def test_search_terms_are_ranked_by_searches_alone(docs: Portal) -> None:
    await ranking(docs, "search-terms")
    assert {"name": ["khub.search"]} == docs.asked()["filters"]


async def test_search_terms_are_the_same_in_any_case_and_shown_as_first_met(docs: Portal) -> None:
    terms = ["  Reset Password", "reset password ", "RESET PASSWORD", "install", "", "  ", None, 7]
    docs.plays(
        *({"id": str(place), "parameters": {"searchQuery": {"terms": term}}} for place, term in enumerate(terms))
    )
    assert [("Reset Password", 3), ("install", 1)] == places(await ranking(docs, "search-terms"))
    assert [("results[].parameters.searchQuery.terms", DriftKind.MISTYPED, 1)] == docs.drift()


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"parameters": None},
        {"parameters": {}},
        {"parameters": {"searchQuery": None}},
        {"parameters": {"searchQuery": {"terms": None}}},
    ],
)
async def test_a_search_without_terms_is_not_ranked(docs: Portal, event: Mapping[str, object]) -> None:
    docs.plays(event)
    assert [] == places(await ranking(docs, "search-terms"))
    assert [] == docs.drift()


@pytest.mark.parametrize("parameters", [{"searchQuery": {"terms": 7}}, {"searchQuery": "x"}, [1], 5])
async def test_a_search_whose_terms_cannot_be_read_is_not_ranked_but_noted(docs: Portal, parameters: object) -> None:
    docs.plays({"parameters": parameters})
    assert [] == places(await ranking(docs, "search-terms"))
    assert [("results[].parameters.searchQuery.terms", DriftKind.MISTYPED, 1)] == docs.drift()


@pytest.mark.parametrize("name", ["active-users", "search-terms"])
async def test_a_ranking_of_a_part_says_so_and_is_of_the_oldest_events(running: Running, name: str) -> None:
    async with running.open(per_page=20, scan_pages=2) as source:
        docs = portal(source, running.control)
        told = await ranking(docs, name, limit=100)
    assert told.truncated
    assert 2 == running.control.asked
    assert sum(count for _, count in places(told)) <= 40
    assert "oldestFirst" == docs.asked()["sortOrder"]


async def test_a_ranking_for_which_the_time_was_too_short_says_that(running: Running) -> None:
    """Another call may have more: what it lacks is not what the source's limits keep from everybody."""
    clock = VirtualClock()
    async with running.open(clock, per_page=20, prefetch_pages=0) as source:
        docs = slow_portal(source, running.control, clock, answers=2.5)
        told = await ranking(docs, "active-users", limit=100)
    assert told.truncated
    assert 2 == running.control.asked
    assert {"active-users": AnswerHurriedError} == docs.missing()


async def test_a_ranking_that_just_fits_is_whole(running: Running) -> None:
    async with running.open() as source:
        total = await portal(source, running.control).count()
    assert total is not None
    async with running.open(per_page=-(-total // 2), scan_pages=2) as source:
        assert not (await ranking(portal(source, running.control), "active-users")).truncated


async def test_a_ranking_says_what_it_is_of(docs: Portal) -> None:
    told = await ranking(docs, "active-users", limit=2)
    assert ("active-users", "fluidtopics", "fluidtopics.events") == (told.ranking, told.source, told.ranked_by)
    assert [1, 2] == [entry.rank for entry in told.entries]
    assert {"fluidtopics.events"} == {measure.metric for entry in told.entries for measure in entry.measures}


async def test_an_unknown_ranking_is_not_asked_for(docs: Portal) -> None:
    with pytest.raises(QuestionNotSupportedError, match="active-users"):
        await ranking(docs, "active-projects")
    assert 0 == docs.control.asked


async def test_no_ranking_is_part_of_an_overview_that_did_not_ask(docs: Portal) -> None:
    assert frozenset() == docs.source.overview_rankings
    assert {"active-users", "event-names", "search-terms"} == docs.source.rankings


def test_a_ballot_counts_a_bounded_number_of_subjects_and_says_when_it_is_full() -> None:
    ballot = Ballot[str, str](str.upper, most=2)
    for subject in ("a", "b", "b"):
        ballot.count(subject, subject)
    before = ballot.is_full
    ballot.count("c", "c")
    assert (False, True) == (before, ballot.is_full)
    assert [("B", 2), ("A", 1)] == ballot.best(10)
    assert [("B", 2)] == ballot.best(1)


def test_a_ballot_leaves_out_what_is_too_long_to_be_kept_and_says_so() -> None:
    ballot = Ballot[str, str](str)
    ballot.count("a" * LONGEST_SUBJECT, "longest")
    before = ballot.is_full
    ballot.count("b" * (LONGEST_SUBJECT + 1), "too long")
    assert (False, True) == (before, ballot.is_full)
    assert [("longest", 1)] == ballot.best(10)


def test_a_ballot_shows_the_first_mention() -> None:
    ballot = Ballot[str, str](str)
    for mention in ("Reset", "RESET", "reset"):
        ballot.count("reset", mention)
    assert [("Reset", 3)] == ballot.best(1)
