"""Query parameters to fields."""

from typing import Any

import pytest

from gateway.pipeline.errors import InvalidRequestError
from gateway.rest.codec import decode_tree, read_query
from gateway.rest.codec.query import MOST_PARAMETERS
from tests.gateway.rest.kitchen import SINK, sink


def parsed(query: str, bound: tuple[str, ...] = ()) -> Any:  # noqa: ANN401 - a Sink, which only exists at run time
    message = sink()
    decode_tree(read_query(query, SINK, bound), message)
    return message


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("text=a%20b%2Bc+d", {"text": "a b+c d"}),
        ("maybe_text=", {"maybe_text": ""}),
        ("maybeText=x", {"maybe_text": "x"}),
        ("texts=a&texts=b%2Cc", {"texts": ["a", "b,c"]}),
        ("flag=true&wrapped_flag=false", {"flag": True, "wrapped_flag": {"value": False}}),
        ("small=-7&large=9007199254740993", {"small": -7, "large": 9007199254740993}),
        ("number=1.5e3&numbers=NaN&numbers=-Infinity", None),
        ("colour=COLOUR_RED", {"colour": 1}),
        ("colour=RED&colours=GREEN&colours=COLOUR_RED", {"colour": 1, "colours": [2, 1]}),
        ("time=2026-03-01T01:00:00%2B01:00", {"time": {"seconds": 1772323200}}),
        ("times=2026-03-01T00:00:00Z", {"times": [{"seconds": 1772323200}]}),
        ("span=1.5s", {"span": {"seconds": 1, "nanos": 500_000_000}}),
        ("mask=a.b,cD", {"mask": {"paths": ["a.b", "cD"]}}),
        ("spoon.name=a&spoon.next.weightGrams=3&spoon.tags=x",
         {"spoon": {"name": "a", "next": {"weight_grams": 3}, "tags": ["x"]}}),
        ("spoon.made_at=2026-03-01T00:00:00Z", {"spoon": {"made_at": {"seconds": 1772323200}}}),
        ("data=AQI%3D", {"data": b"\x01\x02"}),
        ("wrapped=5&wrappedText=x", {"wrapped": {"value": 5}, "wrapped_text": {"value": "x"}}),
    ],
)  # fmt: skip
def test_each_kind_of_field_can_be_given(query: str, expected: dict[str, object] | None) -> None:
    if expected is None:
        assert "[nan, -inf]" == str(list(parsed(query).numbers))
    else:
        assert sink(**expected) == parsed(query)


_TIME = "must be a time such as 2026-03-01T00:00:00Z"


@pytest.mark.parametrize(
    ("query", "field", "said"),
    [
        ("txet=a", "txet", 'is not known; did you mean "text"?'),
        ("startTime=1", "startTime", 'is not known; did you mean "time"?'),
        ("text.x=a", "text.x", "is not known: text has no fields that a query can give"),
        ("time.seconds=5", "time.seconds", "is not known: time has no fields that a query can give"),
        ("spoon.nam=a", "spoon.nam", 'is not known; did you mean "name"?'),
        ("text=a&text=b", "text", "is given more than once"),
        ("maybeText=a&maybe_text=b", "maybe_text", "is given more than once"),
        ("mask=a&mask=b", "mask", "is given more than once; separate its paths by commas"),
        ("spoon=a", "spoon", "cannot be given in a query; its fields can, dotted"),
        ("spoons=a", "spoons", "cannot be given in a query"),
        ("spoons.name=a", "spoons.name", "is not known: spoons has no fields that a query can give"),
        ("labels=a", "labels", "cannot be given in a query"),
        ("free=a", "free", "cannot be given in a query; its fields can, dotted"),
        ("colour=red", "colour", 'must be one of COLOUR_UNSPECIFIED, COLOUR_RED, COLOUR_GREEN, not "red"'),
        ("colour=1", "colour", 'must be one of COLOUR_UNSPECIFIED, COLOUR_RED, COLOUR_GREEN, not "1"'),
        ("number=1.5f", "number", 'must be a number, "NaN", "Infinity" or "-Infinity", not "1.5f"'),
        ("flag=1", "flag", 'must be true or false, not "1"'),
        ("small=", "small", 'must be an integer from -2147483648 to 2147483647, not ""'),
        ("time=2026-03-01T01:00:00+01:00", "time",
         _TIME + '; write the + of an offset as %2B, not "2026-03-01T01:00:00 01:00"'),
        ("text=%FF", "query", "must be UTF-8, percent-encoded"),
        ("&".join("texts=a" for _ in range(MOST_PARAMETERS + 1)), "query", "must have at most 1000 parameters"),
        ("large=5", "large", "is given by the path already"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(query: str, field: str, said: str) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        parsed(query, bound=("large",))

    assert [(field, said)] == [(violation.field, violation.description) for violation in caught.value.violations]
