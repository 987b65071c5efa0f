"""Counts of which something cannot be read: what is lost is never zero, and is said to be missing."""

import pytest

from adapters.drift import DriftKind
from adapters.errors import (
    AnswerIncompleteError,
    InvalidResponseError,
)
from adapters.fluidtopics.counts.answers import EVENTS_METRIC
from adapters.query import Period
from tests.adapters.fluidtopics.counted import counts, metrics, result, series, values
from tests.adapters.fluidtopics.portal import WEEK, Portal


@pytest.mark.parametrize(
    "damage",
    [
        {"name": "khub.search"},
        {"name": "khub.search", "periods": None},
        result(d2026_03_99=1),
        {"name": "khub.search", "periods": [{"eventCount": 1}]},
        {"name": "khub.search", "periods": [17]},
    ],
)
async def test_where_rows_of_a_name_cannot_be_read_what_is_left_out_is_not_zero(docs: Portal, damage: object) -> None:
    docs.answers(counts(result(d2026_03_13=4), damage, result("user.login", d2026_03_13=1)))
    told = await series(docs, WEEK)
    assert [None, 4, None, None, None, None, None] == values(told["khub.search"])
    assert await docs.count() is None
    told = await series(docs, WEEK, Period.WEEK)
    assert [None, None] == values(told["khub.search"])


@pytest.mark.parametrize("damage", [result(name=17, d2026_03_12=1), result(name=None), 17])
async def test_where_a_name_cannot_be_read_one_that_is_left_out_need_not_be_zero(docs: Portal, damage: object) -> None:
    docs.answers(counts(result(d2026_03_13=4), damage))
    told = await series(docs, WEEK, names=("khub.search", "user.login"))
    assert 4 == values(told["khub.search"])[1]
    assert [None] * 7 == values(told["user.login"])
    assert await docs.count() is None


@pytest.mark.parametrize("names", [(), ("khub.search",)])
@pytest.mark.parametrize("damage", [result(name=17, d2026_03_12=1), result(name=None), 17])
async def test_where_a_name_cannot_be_read_the_answer_lacks_something_and_says_so(
    docs: Portal, damage: object, names: tuple[str, ...]
) -> None:
    docs.answers(counts(result(d2026_03_13=4), damage))
    assert ["khub.search"] == list(await series(docs, WEEK, names=names))
    assert {EVENTS_METRIC: AnswerIncompleteError} == docs.missing()
    docs.inquiry.missing.clear()
    assert ["khub.search"] == list(await metrics(docs))
    assert {EVENTS_METRIC: AnswerIncompleteError} == docs.missing()
    assert await docs.count(names=names) is None


async def test_where_it_cannot_be_told_whose_rows_are_lost_what_any_name_leaves_out_is_not_zero(docs: Portal) -> None:
    docs.answers(counts(result(d2026_03_13=4), 17))
    told = await series(docs, WEEK)
    assert [None, 4, None, None, None, None, None] == values(told["khub.search"])
    assert {"khub.search": None} == await metrics(docs)


async def test_where_all_can_be_read_nothing_is_missing(docs: Portal) -> None:
    await metrics(docs)
    await series(docs, WEEK, names=("khub.search", "never.happened"))
    docs.answers(counts())
    assert {} == await metrics(docs)
    assert {} == docs.missing()


@pytest.mark.parametrize("names", [(), ("khub.search",)])
@pytest.mark.parametrize(
    "damage", [17, result(name=17, d2026_03_12=1), {"name": "khub.search", "periods": ["2026-03-12", 4]}]
)
async def test_counts_of_which_nothing_can_be_read_are_an_error(
    docs: Portal, damage: object, names: tuple[str, ...]
) -> None:
    docs.answers(counts(damage))
    with pytest.raises(InvalidResponseError, match="`results`"):
        await metrics(docs)
    with pytest.raises(InvalidResponseError):
        await series(docs, WEEK, names=names)
    with pytest.raises(InvalidResponseError):
        await docs.count(names=names)


@pytest.mark.parametrize("number", ["many", -1, 1.5, 10**13, 10**400])
async def test_a_number_that_is_none_costs_only_its_day(docs: Portal, number: object) -> None:
    docs.answers(counts(result(d2026_03_13=number, d2026_03_14=3)))
    assert [0, None, 3, 0, 0, 0, 0] == values((await series(docs, WEEK))["khub.search"])
    assert [("results[].periods[].eventCount", DriftKind.MISTYPED, 1)] == docs.drift()


async def test_a_date_that_is_none_is_a_departure(docs: Portal) -> None:
    docs.answers(counts(result(d2026_03_99=4)))
    await metrics(docs)
    assert [("results[].periods[].periodStartDate", DriftKind.MISTYPED, 1)] == docs.drift()


async def test_a_date_that_is_none_is_a_departure_each_time_that_it_comes(docs: Portal) -> None:
    docs.answers(counts(result(d2026_03_99=4, d2026_04_31=4), result("user.login", d2026_03_99=4)))
    await metrics(docs)
    await metrics(docs)
    assert [("results[].periods[].periodStartDate", DriftKind.MISTYPED, 6)] == docs.drift()


async def test_days_outside_of_the_window_do_not_count(docs: Portal) -> None:
    docs.answers(counts(result(d2026_03_11=100, d2026_03_12=1, d2026_03_18=2, d2026_03_19=100)))
    assert {"khub.search": 3} == await metrics(docs)


async def test_a_day_that_is_told_twice_and_differently_is_not_told(docs: Portal) -> None:
    docs.answers(counts(result(d2026_03_13=4), result(d2026_03_13=4), result(d2026_03_14=4), result(d2026_03_14=5)))
    assert [0, 4, None, 0, 0, 0, 0] == values((await series(docs, WEEK))["khub.search"])


@pytest.mark.parametrize("body", ["null", "{}", '{"results":null}', "[]"])
async def test_an_answer_without_counts_is_none(docs: Portal, body: str) -> None:
    docs.answers(body)
    with pytest.raises(InvalidResponseError):
        await metrics(docs)
