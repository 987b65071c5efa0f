"""Tokens come back as they were given, or are refused."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.query import EventFilter, EventOrder, Window
from gateway.federation.tokens import LONGEST, MOST_SOURCES, EventsQuery, Walk, read_token, write_token
from gateway.pipeline.errors import InvalidTokenError, TokenMismatchError
from tests.clock import START

QUERY = EventsQuery(
    walk=Walk.PAGES,
    window=Window(start=START - timedelta(days=30), end=START),
    filter=EventFilter(names=("login", "search"), user_ids=("u1",)),
    order=EventOrder.NEWEST_FIRST,
    sources=("docs", "help"),
)
TOKEN = write_token(QUERY, {"docs": "3:17", "help": None})

moments = st.datetimes(timezones=st.just(UTC))
positions = st.none() | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=200)


@settings(deadline=None)
@given(end=moments, places=st.dictionaries(st.sampled_from([f"s{n}" for n in range(MOST_SOURCES)]), positions))
def test_a_token_comes_back_as_it_was_given(end: datetime, places: dict[str, str | None]) -> None:
    """Sources that are not among the positions are finished, and stay so."""
    window = replace(QUERY.window, start=datetime(1, 1, 1, tzinfo=UTC), end=max(end, START))
    query = replace(QUERY, window=window, sources=tuple(f"s{n}" for n in range(MOST_SOURCES)))

    text = write_token(query, places)
    token = read_token(text, Walk.PAGES)

    assert token.positions(query) == places
    assert token.end == window.end
    assert len(text) <= LONGEST
    assert text.replace("-", "").replace("_", "").isalnum()


def test_the_longest_positions_of_the_most_sources_fit() -> None:
    query = replace(QUERY, sources=tuple(f"s{n}" for n in range(MOST_SOURCES)))

    assert len(write_token(query, dict.fromkeys(query.sources, "x" * 200))) <= LONGEST


def test_a_source_that_breaks_its_promise_of_short_positions_is_a_fault_and_not_a_useless_token() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        write_token(QUERY, {"docs": "x" * 4000})


@settings(deadline=None)
@given(st.data())
def test_a_single_flipped_bit_is_noticed(data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(TOKEN) - 1))
    bit = data.draw(st.integers(0, 6))
    damaged = TOKEN[:index] + chr(ord(TOKEN[index]) ^ 1 << bit) + TOKEN[index + 1 :]

    with pytest.raises(InvalidTokenError):
        read_token(damaged, Walk.PAGES)


@settings(deadline=None)
@given(st.text(max_size=LONGEST) | st.binary(max_size=300).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidTokenError):
        read_token(text, Walk.PAGES)


@pytest.mark.parametrize("damaged", [TOKEN[:-1], TOKEN + "A", TOKEN + "==", TOKEN.swapcase(), " " + TOKEN])
def test_a_token_cut_or_padded_is_refused(damaged: str) -> None:
    with pytest.raises(InvalidTokenError):
        read_token(damaged, Walk.PAGES)


def test_a_token_of_another_version_is_refused() -> None:
    other = base64.urlsafe_b64encode(b"\x02" + base64.urlsafe_b64decode(TOKEN + "=" * (-len(TOKEN) % 4))[1:])

    with pytest.raises(InvalidTokenError, match="of another version"):
        read_token(other.decode().rstrip("="), Walk.PAGES)


@pytest.mark.parametrize(
    "other",
    [
        replace(QUERY, walk=Walk.STREAM),
        replace(QUERY, window=Window(start=QUERY.window.start, end=START + timedelta(microseconds=1))),
        replace(QUERY, window=Window(start=START - timedelta(days=29), end=START)),
        replace(QUERY, filter=EventFilter(names=("login",), user_ids=("u1",))),
        replace(QUERY, filter=EventFilter(names=("login", "search"), user_realms=("u1",))),
        replace(QUERY, order=EventOrder.OLDEST_FIRST),
        replace(QUERY, sources=("docs",)),
        replace(QUERY, sources=("docs", "wiki")),
    ],
    ids=str,
)
def test_a_token_of_another_query_is_refused(other: EventsQuery) -> None:
    token = read_token(TOKEN, QUERY.walk)

    with pytest.raises(TokenMismatchError, match=f"{other.walk.value}: belongs to another query"):
        token.positions(other)


def test_the_order_of_a_filters_values_makes_no_other_query() -> None:
    same = replace(QUERY, filter=EventFilter(names=("search", "login"), user_ids=("u1",)))

    assert read_token(TOKEN, Walk.PAGES).positions(same) == {"docs": "3:17", "help": None}


def test_a_token_does_not_show_who_was_asked_for() -> None:
    query = replace(QUERY, filter=EventFilter(user_ids=("jane.doe@example.com",)))
    text = write_token(query, {"docs": "1"})

    assert b"jane" not in base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
