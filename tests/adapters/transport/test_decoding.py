"""Answers that are as documented, and answers that are not quite."""

import gc
import json
import sys
from collections.abc import Callable

import msgspec
import pytest
from msgspec import Raw, Struct

from adapters.drift import DriftLog
from adapters.errors import InvalidResponseError
from adapters.transport import TolerantDecoder
from tests.adapters.transport.reading import EVENT, GOOD, MISSING, MISTYPED, PAGE, UNKNOWN, Event, Page, User, read


def test_an_answer_as_documented_is_read_without_drift() -> None:
    page, drift = read(PAGE, b'{"lastPage": true, "results": [{"id": "a", "count": 1, "user": {"userId": "u"}}]}')

    assert page == Page(last_page=True, results=[Event(id="a", count=1, user=User(user_id="u"))])
    assert drift == []


def test_what_comes_out_are_instances_of_the_structs_that_differ_when_a_value_does() -> None:
    event, _ = read(EVENT, b'{"id": "a", "count": 1, "offline": false}')

    assert isinstance(event, Event)
    assert event.is_online()
    departing, _ = read(EVENT, b'{"id": "a", "count": 1, "offline": false, "bot": 1}')
    for same in [Event(id="a", count=1, offline=False), departing]:
        assert (event == same, event != same, same == event, same != event) == (True, False, True, False)
    for other in [Event(id="a", count=2, offline=False), "a", User(user_id="a")]:
        assert (event == other, event != other, other == event, other != event) == (False, True, False, True)


def test_null_is_never_drift() -> None:
    page, drift = read(
        PAGE, b'{"lastPage": null, "results": [{"id": null, "count": null, "user": null, "flags": null}]}'
    )

    assert page == Page(last_page=None, results=[Event(id=None, count=None)])
    assert drift == []


def test_unknown_fields_are_counted_by_path_and_change_nothing() -> None:
    event = '{"id": "a", "count": 1, "bot": {"x": 1}, "user": {"userId": "u", "mail": "m"}}'

    page, drift = read(PAGE, f'{{"lastPage": true, "results": [{event}, {event}], "took": 3}}')

    assert page == Page(last_page=True, results=[Event(id="a", count=1, user=User(user_id="u"))] * 2)
    assert drift == [("results[].bot", UNKNOWN, 2), ("results[].user.mail", UNKNOWN, 2), ("took", UNKNOWN, 1)]


def test_unknown_fields_are_found_wherever_objects_are() -> None:
    page, drift = read(
        PAGE,
        b"""{"lastPage": true, "results": [
            {"id": "a", "count": 1, "user": [{"userId": "u", "x": 1}, {"userId": "v"}]},
            {"id": "b", "count": 1, "user": {"userId": "u", "y": 1}, "people": {"p": {"userId": "u", "z": 1}}},
            {"id": "c", "count": 1, "user": null, "people": {}}
        ]}""",
    )

    assert page.results is not None
    assert [event.id for event in page.results] == ["a", "b", "c"]
    assert drift == [
        ("results[].people.*.z", UNKNOWN, 1),
        ("results[].user.y", UNKNOWN, 1),
        ("results[].user[].x", UNKNOWN, 1),
    ]


def test_missing_promised_fields_are_counted_and_null() -> None:
    page, drift = read(PAGE, b'{"results": [{"id": "a"}, {"id": "b", "count": 2}, {"user": {}}]}')

    assert page == Page(
        last_page=None,
        results=[
            Event(id="a", count=None),
            Event(id="b", count=2),
            Event(id=None, count=None, user=User(user_id=None)),
        ],
    )
    assert drift == [
        ("lastPage", MISSING, 1),
        ("results[].count", MISSING, 2),
        ("results[].id", MISSING, 1),
        ("results[].user.userId", MISSING, 1),
    ]


@pytest.mark.parametrize("drift", ["", ', "bot": 1', ', "share": "x"'])
def test_free_json_keeps_its_text_to_the_last_digit(drift: str) -> None:
    parameters = b'{"big": 123456789012345678901234567890, "exact": 1.10, "huge": 1e400, "a": 1, "a": 2}'

    event, _ = read(EVENT, b'{"id": "a", "count": 1, "parameters": ' + parameters + drift.encode() + b"}")

    assert bytes(event.parameters) == parameters


def test_free_json_that_is_null_or_promised_and_missing_is_null() -> None:
    class Free(Struct):
        body: Raw

    assert bytes(read(TolerantDecoder(Free), b'{"body": null}')[0].body) == b"null"
    assert bytes(read(TolerantDecoder(Free), b"{}")[0].body) == b"null"


def test_the_paths_of_a_top_level_list_begin_with_the_name_given() -> None:
    decoder = TolerantDecoder(list[User], "users")

    assert read(decoder, b"[]") == ([], [])
    assert read(decoder, b'[{"userId": "u", "x": 1}]') == ([User(user_id="u")], [("users[].x", UNKNOWN, 1)])


def test_of_equal_keys_the_last_one_counts() -> None:
    assert read(EVENT, b'{"id": "a", "count": "x", "count": 1}') == (Event(id="a", count=1), [])


@pytest.mark.parametrize("name", ["alice@example.com", "+47 12345678", "x" * 65, "", "zwei Wörter"])
def test_an_unknown_name_that_may_be_data_is_not_shown(name: str) -> None:
    _, drift = read(EVENT, json.dumps({"id": "a", "count": 1, name: 1}))

    assert drift == [("…", UNKNOWN, 1)]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"nul",
        b'{"id": "a"',
        b'{"id": "a",}',
        b"{} {}",
        b'{"id": "a", "count": NaN}',
        b'{"id": "a", "count": Infinity}',
        b'{"id": "a\x00"}',
        "{}".encode("utf-16"),
        b"<html>",
        b'{"x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"parameters": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b"[" * 100_000,
    ],
)
def test_what_is_not_json_is_no_answer(body: bytes) -> None:
    with pytest.raises(InvalidResponseError):
        EVENT(body, DriftLog())


@pytest.mark.parametrize("body", [b"null", b"[]", b"7", b'"x"', b"true"])
def test_another_kind_of_value_than_documented_is_no_answer(body: bytes) -> None:
    with pytest.raises(InvalidResponseError, match="documented kind"):
        EVENT(body, DriftLog())


def test_a_web_page_in_the_place_of_an_answer_is_told_as_one() -> None:
    with pytest.raises(InvalidResponseError, match="web page"):
        EVENT(b"\n<!doctype html><title>Sign in</title>", DriftLog())


def test_no_error_shows_what_the_upstream_wrote() -> None:
    with pytest.raises(InvalidResponseError) as refused:
        EVENT(b'["alice@example.com"]', DriftLog())

    assert refused.value.__cause__ is None
    assert "alice" not in str(refused.value)


def test_a_byte_order_mark_is_passed_over() -> None:
    assert read(EVENT, b"\xef\xbb\xbf" + GOOD) == (Event(id="a", count=1), [])
    assert read(EVENT, b" \n" + GOOD + b"\n") == (Event(id="a", count=1), [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (rb"\ud83d", "\ufffd"),
        (rb"x\udc00y", "x\ufffdy"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\\ud83d\ud83d", "\\ud83d\ufffd"),
        (b"J\xf6rg", "J\ufffdrg"),
        (b"\xed\xa0\x80", "\ufffd\ufffd\ufffd"),
    ],
)
def test_text_that_is_not_unicode_is_readable_and_noted(text: bytes, expected: str) -> None:
    event, drift = read(EVENT, b'{"id": "' + text + b'", "count": 1}')

    assert event == Event(id=expected, count=1)
    assert drift == [("$", MISTYPED, 1)]


def test_free_json_is_always_unicode() -> None:
    event, drift = read(EVENT, b'{"id": "a", "count": 1, "parameters": {"name": "J\xf6rg"}}')

    assert bytes(event.parameters).decode() == '{"name": "J\ufffdrg"}'
    assert drift == [("$", MISTYPED, 1)]


def test_a_struct_whose_field_cannot_be_null_is_refused_when_it_is_declared() -> None:
    class Hopeful(Struct):
        count: int

    class Lossy(Struct):
        body: Raw | None = None

    with pytest.raises(TypeError, match=r"Hopeful\.count must admit None"):
        TolerantDecoder(Hopeful)
    with pytest.raises(TypeError, match=r"Lossy\.body must be Raw alone"):
        TolerantDecoder(Lossy)


def test_frozen_and_positional_structs_and_factories_are_read_too() -> None:
    class Tags(Struct, frozen=True, kw_only=True, gc=False, rename="camel"):
        tags: list[str] | None = msgspec.field(default_factory=list, name="Tags")
        first: str | None

    decoder = TolerantDecoder(Tags)

    assert read(decoder, b'{"first": "x"}') == (Tags(first="x"), [])
    assert read(decoder, b'{"first": "x", "y": 1}')[0] == Tags(first="x")
    assert hash(read(decoder, b'{"first": "x", "Tags": null}')[0]) == hash(Tags(first="x", tags=None))


def page_of(events: int, **more: object) -> bytes:
    """So many events, as documented but for `more`."""
    event = {"id": "a", "count": 1, "user": {"userId": "u", "realm": ["x"]}, "parameters": {"n": [1]}, **more}
    return json.dumps({"lastPage": False, "results": [event] * events}).encode()


def calls_of(work: Callable[[], object]) -> int:
    """How many functions written in Python the work calls: the part of its cost that no busy machine can change."""
    work()  # the first time also fills caches, which are none of its cost
    calls = 0

    def count(_: object, event: str, __: object) -> None:
        nonlocal calls
        calls += event == "call"

    gc.disable()  # others have it call functions of theirs
    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
        gc.enable()
    return calls


def test_a_long_answer_as_documented_is_left_to_msgspec() -> None:
    body = page_of(1000)

    assert calls_of(lambda: PAGE(body, DriftLog())) < 20


def test_a_field_that_the_upstream_has_added_to_all_items_costs_no_work_item_by_item() -> None:
    short, long = page_of(2, bot=False), page_of(1000, bot=False)

    assert calls_of(lambda: PAGE(long, DriftLog())) == calls_of(lambda: PAGE(short, DriftLog()))
