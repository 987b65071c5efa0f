"""Which ids of callers are taken over."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.request_id import request_id


@pytest.mark.parametrize("given_id", ["a", "req-1", "with space", "!~", "x" * 128])
def test_printable_ascii_is_taken_over(given_id: str) -> None:
    assert given_id == request_id(given_id)


@pytest.mark.parametrize("given_id", [None, "", " a", "a ", "a\nb", "ü", "x" * 129, "a\n"])
def test_anything_else_is_replaced(given_id: str | None) -> None:
    made = request_id(given_id)

    assert made != given_id
    assert 32 == len(made)


def test_made_ids_differ() -> None:
    assert request_id(None) != request_id(None)


@given(st.text(max_size=200))
def test_whatever_comes_the_id_can_stand_in_a_header_and_a_log_line(text: str) -> None:
    made = request_id(text)

    assert 0 < len(made) <= 128
    assert made.isascii()
    assert made.isprintable()
    assert made == made.strip()
