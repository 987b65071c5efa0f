"""Values of another type than documented cost only themselves; numbers are what they say, however written."""

from typing import Annotated

import pytest
from msgspec import Meta

from adapters.drift import DriftLog
from adapters.errors import InvalidResponseError
from adapters.transport import TolerantDecoder
from adapters.transport.decoding.repair import MOST_MISTYPED
from tests.adapters.transport.reading import EVENT, GOOD, MISSING, MISTYPED, PAGE, UNKNOWN, Event, Page, User, read


@pytest.mark.parametrize("value", ['"1"', "true", "1.5", "[]", "{}", "1e400", "1e300", "9" * 5000])
def test_a_mistyped_field_is_null_and_costs_only_itself(value: str) -> None:
    page, drift = read(PAGE, f'{{"lastPage": true, "results": [{{"id": "a", "count": {value}}}, {GOOD.decode()}]}}')

    assert page == Page(last_page=True, results=[Event(id="a", count=None), Event(id="a", count=1)])
    assert drift == [("results[].count", MISTYPED, 1)]


def test_a_mistyped_field_does_not_hide_what_else_departs() -> None:
    event, drift = read(EVENT, b'{"count": "1", "bot": 1, "user": {"userId": 7, "mail": "m"}}')

    assert event == Event(id=None, count=None, user=User(user_id=None))
    assert drift == [
        ("bot", UNKNOWN, 1),
        ("count", MISTYPED, 1),
        ("id", MISSING, 1),
        ("user.mail", UNKNOWN, 1),
        ("user.userId", MISTYPED, 1),
    ]


@pytest.mark.parametrize(("text", "value"), [("12.0", 12), ("1e3", 1000), ("-0.0", 0), ("9007199254740992.0", 2**53)])
def test_a_whole_number_is_an_integer_however_it_is_written(text: str, value: int) -> None:
    event, drift = read(EVENT, f'{{"id": "a", "count": {text}}}')

    assert event == Event(id="a", count=value)
    assert type(event.count) is int
    assert drift == []


@pytest.mark.parametrize("text", [str(2**63), str(-(2**63) - 1), "9" * 400, "1e400", f"{2**64}.0"])
def test_a_number_that_no_message_can_hold_is_of_the_wrong_type(text: str) -> None:
    event, drift = read(EVENT, f'{{"id": "a", "count": {text}, "code": {text}}}')

    assert (event.count, event.code) == (None, None)
    assert drift == [("code", MISTYPED, 1), ("count", MISTYPED, 1)]


@pytest.mark.parametrize(("text", "value"), [("7", 7), ("7.0", 7), ("11", None), ("11.0", None), ("-1e0", None)])
def test_a_bound_of_a_field_holds_however_its_number_is_written(text: str, value: int | None) -> None:
    bounded = TolerantDecoder(dict[str, Annotated[int, Meta(ge=0, le=10)]])

    numbers, drift = read(bounded, f'{{"a": {text}}}')

    assert numbers.get("a") == value
    assert bool(drift) == (value is None)


@pytest.mark.parametrize("value", [2**63 - 1, -(2**63)])
def test_the_longest_integers_keep_every_digit(value: int) -> None:
    event, drift = read(EVENT, f'{{"id": "a", "count": {value}}}')

    assert (event.count, drift) == (value, [])


@pytest.mark.parametrize(("text", "value"), [("12", 12), ('"12"', "12"), ("12.0", 12)])
def test_a_field_that_may_have_several_types_keeps_the_one_it_has(text: str, value: object) -> None:
    event, drift = read(EVENT, f'{{"id": "a", "count": 1, "code": {text}}}')

    assert (event.code, type(event.code), drift) == (value, type(value), [])


def test_mistyped_items_are_left_out_of_their_list() -> None:
    page, drift = read(PAGE, f'{{"lastPage": true, "results": [{GOOD.decode()}, 7, null, "x", {GOOD.decode()}]}}')

    assert page == Page(last_page=True, results=[Event(id="a", count=1)] * 2)
    assert drift == [("results[]", MISTYPED, 3)]


def test_mistyped_values_are_left_out_of_their_dict() -> None:
    event, drift = read(
        EVENT, b'{"id": "a", "count": 1, "flags": {"x": true, "y": "yes"}, "people": {"p": {}, "q": 1}}'
    )

    assert event == Event(id="a", count=1, flags={"x": True}, people={"p": User(user_id=None)})
    assert drift == [("flags.*", MISTYPED, 1), ("people.*", MISTYPED, 1), ("people.*.userId", MISSING, 1)]


@pytest.mark.parametrize(
    ("user", "expected"),
    [
        ('{"userId": "u"}', User(user_id="u")),
        ('[{"userId": "u"}]', [User(user_id="u")]),
        ('{"userId": "u", "realm": ["x"]}', User(user_id="u", realm=["x"])),
    ],
)
def test_every_documented_shape_of_a_field_is_read_also_beside_drift(user: str, expected: object) -> None:
    body = f'{{"id": "a", "count": 1, "user": {user}'

    assert read(EVENT, body + "}")[0].user == expected
    assert read(EVENT, body + ', "bot": 1}') == (Event(id="a", count=1, user=expected), [("bot", UNKNOWN, 1)])
    assert read(EVENT, body + ', "share": "x"}')[0].user == expected


def test_an_answer_of_nothing_but_nonsense_is_given_up() -> None:
    body = b'{"lastPage": true, "results": [' + b"7," * MOST_MISTYPED + b"7]}"

    with pytest.raises(InvalidResponseError, match="Hardly anything"):
        PAGE(body, DriftLog())


@pytest.mark.parametrize("flags", ['{"x": "yes"}', ' { "x" : 1, "y": 2 } '])
def test_what_has_lost_all_its_values_is_null_and_not_empty(flags: str) -> None:
    event, drift = read(EVENT, f'{{"id": "a", "count": 1, "flags": {flags}}}')

    assert event.flags is None
    assert ("flags", MISTYPED, 1) in drift


@pytest.mark.parametrize("flags", ["{}", " { } "])
def test_what_is_really_empty_stays_so_beside_what_departs(flags: str) -> None:
    event, drift = read(EVENT, f'{{"id": 7, "count": 1, "flags": {flags}}}')

    assert event.flags == {}
    assert drift == [("id", MISTYPED, 1)]
