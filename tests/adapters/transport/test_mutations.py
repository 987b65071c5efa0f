"""Whatever an upstream sends, reading it ends with what it said, or with one kind of error."""

import json
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Raw, Struct
from msgspec.structs import fields

from adapters.drift import DriftLog
from adapters.errors import InvalidResponseError
from tests.adapters.transport.reading import PAGE, Event, Page, User

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


NAMES = [field.encode_name for struct in (Page, Event, User) for field in fields(struct)]

DOCUMENT: Json = {
    "lastPage": True,
    "results": [
        {"id": "a", "count": 1, "share": 0.5, "user": {"userId": "u", "realm": ["x", "y"]}, "parameters": {"n": 1}},
        {"id": "b", "count": 2, "offline": False, "user": [{"userId": "v", "realm": "x"}], "flags": {"new": True}},
    ],
}

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)


@st.composite
def mutated(draw: st.DrawFn, value: Json = DOCUMENT) -> Json:
    """The value, with some parts replaced, removed, repeated, or added."""
    fate = draw(st.integers(0, 9))
    if fate == 0:
        return draw(anything)
    if fate == 1:
        return value
    match value:
        case dict():
            kept = {name: draw(mutated(inner)) for name, inner in value.items() if draw(st.integers(0, 9))}
            return kept | draw(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=5), anything, max_size=1))
        case list():
            return [draw(mutated(inner)) for inner in value for _ in range(draw(st.integers(0, 2)))]
        case _:
            return value


def is_said_by(source: Json, value: object) -> bool:
    """Whether the source holds the value at the same place. What is null or left out needs no source."""
    match value, source:
        case None, _:
            said = True
        case Raw(), _:
            said = bool(json.loads(bytes(value)) == source)
        case Struct(), dict():
            found = {field.encode_name: getattr(value, field.name) for field in fields(value)}
            silent = {"parameters"} - source.keys()
            said = all(is_said_by(source.get(name), inner) for name, inner in found.items() if name not in silent)
        case list(), list():
            left = iter(source)  # shared by all items, which so must come in the same order
            said = all(any(is_said_by(candidate, item) for candidate in left) for item in value)
        case dict(), dict():
            said = all(name in source and is_said_by(source[name], inner) for name, inner in value.items())
        case float(), int():
            said = value == float(source)
        case int(), float():
            said = type(value) is int and value == source
        case _:
            said = type(value) is type(source) and value == source
    return said


@settings(deadline=None)  # how long an example takes depends on who else uses the machine
@given(mutated())
def test_a_mutated_answer_is_read_as_what_it_says_or_refused(document: Json) -> None:
    try:
        page = PAGE(json.dumps(document).encode(), DriftLog())
    except InvalidResponseError:
        assert not isinstance(document, dict)
    else:
        assert is_said_by(document, page)


@settings(deadline=None)
@given(st.data())
def test_damaged_bytes_are_read_or_refused(data: st.DataObject) -> None:
    body = bytearray(json.dumps(DOCUMENT).encode())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(body)))
        damage = data.draw(
            st.binary(max_size=3) | st.sampled_from([b'"', b"\\", b"\\ud83d", b"{", b"}", b"[", b",", b"0"])
        )
        body[place : place + data.draw(st.integers(0, 3))] = damage

    try:
        PAGE(bytes(body), DriftLog())
    except InvalidResponseError:
        return


@settings(deadline=None)
@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        PAGE(body, DriftLog())
    except InvalidResponseError:
        return
