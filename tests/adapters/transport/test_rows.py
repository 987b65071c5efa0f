"""A bare array of rows: which rows could be read, and whether one was lost."""

import pytest
from msgspec import Struct

from adapters.drift import DriftLog
from adapters.errors import AnswerIncompleteError, InvalidResponseError
from adapters.transport import RowsReader
from tests.running import inquire


class Row(Struct):
    name: str | None
    count: float | None


read = RowsReader(list[Row])


def lost(body: bytes) -> dict[str, type[Exception]]:
    """What the inquiry says that the answer lacks."""
    inquiry = inquire("example")
    read(body, DriftLog()).miss_lost("ranking", inquiry)
    return {what: type(why) for what, why in inquiry.missing.items()}


def test_rows_come_in_the_order_of_the_answer() -> None:
    answer = read(b'[{"name": "b", "count": 2}, {"name": "a", "count": 1}]', DriftLog())
    assert [Row(name="b", count=2), Row(name="a", count=1)] == answer.rows
    assert answer.are_all


def test_no_rows_are_an_ordinary_answer() -> None:
    assert {} == lost(b"[]")


def test_a_field_that_is_lost_costs_no_row() -> None:
    assert {} == lost(b'[{"name": ["what"], "count": 1}, {"count": null}]')


def test_a_row_that_is_lost_is_missed() -> None:
    assert {"ranking": AnswerIncompleteError} == lost(b'[{"name": "a", "count": 1}, "b"]')


def test_a_row_may_be_lost_after_many_other_departures() -> None:
    fields = ", ".join(f'"odd{number}": 1' for number in range(200))
    assert {"ranking": AnswerIncompleteError} == lost(f'[{{"name": "a", "count": 1, {fields}}}, 7]'.encode())


@pytest.mark.parametrize("body", [b"null", b"{}", b'["a", "b"]', b"nothing"])
def test_what_holds_no_row_at_all_is_no_answer(body: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        read(body, DriftLog())
