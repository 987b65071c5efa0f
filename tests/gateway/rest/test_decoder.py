"""JSON bodies to messages: everything that `json_format` writes, and an error with a name for all else."""

import json
from typing import Any

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.pipeline.errors import InvalidRequestError
from gateway.pipeline.validation import spell_masks_in_snake_case
from gateway.rest.codec import decode_body, decode_tree
from gateway.rest.codec.decoder import MOST_VIOLATIONS
from tests.gateway.rest.kitchen import SINK, sink
from tests.gateway.rest.messages import messages


def decoded(body: str | bytes) -> Any:  # noqa: ANN401 - a Sink, which only exists at run time
    message = sink()
    decode_tree(decode_body(body.encode() if isinstance(body, str) else body), message)
    return message


def violations(body: str | bytes) -> dict[str, str]:
    """What is wrong with a body, by field."""
    with pytest.raises(InvalidRequestError) as caught:
        decoded(body)
    return {violation.field: violation.description for violation in caught.value.violations}


@pytest.mark.parametrize("in_snake_case", [False, True])
@settings(max_examples=60, deadline=None)
@given(message=messages(SINK))
def test_every_message_comes_back_from_the_json_that_json_format_makes(message: Message, in_snake_case: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    body = json_format.MessageToJson(message, preserving_proto_field_name=in_snake_case)

    result = decoded(body)

    spell_masks_in_snake_case(result)
    # NaN differs from itself; the bytes do not.
    assert message.SerializeToString(deterministic=True) == result.SerializeToString(deterministic=True)


@given(
    body=st.binary(max_size=40) | st.text(alphabet='{}[]":,0123456789.eE+-truefalsn \\u', max_size=40).map(str.encode)
)
def test_no_body_whatsoever_is_worse_than_invalid(body: bytes) -> None:
    try:
        decoded(body)
    except InvalidRequestError as error:
        assert error.violations  # noqa: PT017 - either is right; what must not happen is any other error


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=4,
)


@given(name=st.sampled_from([field.json_name for field in SINK.fields]), value=_values)
def test_no_value_whatsoever_is_worse_than_invalid(name: str, value: object) -> None:
    try:
        decode_tree({name: value}, sink())
    except InvalidRequestError as error:
        assert error.violations  # noqa: PT017 - as above


_COLOURS = "must be one of COLOUR_UNSPECIFIED, COLOUR_RED, COLOUR_GREEN"


@pytest.mark.parametrize("body", ["", "{}", '{"text": null, "texts": null, "time": null}'])
def test_nothing_and_null_leave_everything_unset(body: str) -> None:
    assert sink() == decoded(body)


@pytest.mark.parametrize("body", ['{"maybeText": "a", "maybe_text": null}', '{"maybe_text": null, "maybeText": "a"}'])
def test_null_beside_the_other_spelling_is_as_if_it_were_not_there(body: str) -> None:
    assert sink(maybe_text="a") == decoded(body)


@pytest.mark.parametrize(
    ("body", "field", "said"),
    [
        ("[]", "body", "must be a JSON object, not an array"),
        ("nonsense", "body", "must be JSON in UTF-8: it makes no sense at line 1, column 1"),
        (b'{"text": "\xff"}', "body", "must be JSON in UTF-8: byte 10 is not"),
        ("[" * 60_000, "body", "must be JSON; this is nested too deeply"),
        ('{"spoon":' + '{"next":' * 900 + "{}" + "}" * 901, "body", "is nested too deeply"),
        ('{"number": NaN}', "body", 'must be JSON, which has no NaN; write it as a string, "NaN"'),
        ('{"number": 1e999}', "number", 'must be a number, "NaN", "Infinity" or "-Infinity", not inf'),
        ('{"small": ' + "9" * 5000 + "}", "body", "must be JSON in UTF-8: a number has too many digits"),
        ('{"text": "a", "text": "b"}', "body", 'has the name "text" twice in one object'),
        ('{"maybeText": "a", "maybe_text": "b"}', "maybe_text", "is given twice, in both spellings"),
        ('{"txet": "a"}', "txet", 'is not known; did you mean "text"?'),
        ('{"spoon": {"zzz": 5}}', "spoon.zzz", "is not known; there are: name, weightGrams, madeAt, next, tags"),
        ('{"text": 5}', "text", "must be a string, not a number"),
        ('{"text": "\\ud800"}', "text", "must be text; it holds half of a surrogate pair"),
        ('{"texts": "a"}', "texts", "must be an array, not a string"),
        ('{"texts": ["a", 5]}', "texts[1]", "must be a string, not a number"),
        ('{"texts": ["a", null]}', "texts[1]", "must be a string, not null"),
        ('{"flag": "true"}', "flag", 'must be true or false, not "true"'),
        ('{"small": 2147483648}', "small", "must be an integer from -2147483648 to 2147483647, not 2147483648"),
        ('{"small": true}', "small", "must be an integer from -2147483648 to 2147483647, not a boolean"),
        ('{"small": 1.5}', "small", "must be an integer from -2147483648 to 2147483647, not 1.5"),
        ('{"small": "8"}', "small", 'must be an integer from -2147483648 to 2147483647, not "8"'),
        ('{"number": "1.5"}', "number", 'must be a number, "NaN", "Infinity" or "-Infinity", not "1.5"'),
        ('{"colour": 1}', "colour", _COLOURS + ", not 1"),
        ('{"smallUnsigned": -1}', "small_unsigned", "must be an integer from 0 to 4294967295, not -1"),
        ('{"large": "12a"}', "large", 'must be an integer from -9223372036854775808 to 9223372036854775807, not "12a"'),
        ('{"single": 1e300}', "single", "must be a number of single precision, not 1e+300"),
        ('{"colour": "RED"}', "colour",
         _COLOURS + ', not "RED"'),
        ('{"colour": "COLOUR_GREAN"}', "colour",
         _COLOURS + ', not "COLOUR_GREAN"; did you mean "COLOUR_GREEN"?'),
        ('{"data": "?"}', "data", "must be a string in base64"),
        ('{"data": "A"}', "data", "must be a string in base64; this one is cut short"),
        ('{"time": "yesterday"}', "time", 'must be a time such as 2026-03-01T00:00:00Z, not "yesterday"'),
        ('{"time": "2026-03-01T00:00:00+99:99"}', "time",
         'must be a time such as 2026-03-01T00:00:00Z, not "2026-03-01T00:00:00+99:99"'),
        ('{"time": 5}', "time", "must be a time such as 2026-03-01T00:00:00Z, not a number"),
        ('{"time": "2026-02-30T00:00:00Z"}', "time",
         'must be a time such as 2026-03-01T00:00:00Z; "2026-02-30T00:00:00Z" does not exist or is out of range'),
        ('{"span": "5"}', "span", 'must be a number of seconds such as 2.5s, not "5"'),
        ('{"span": "999999999999s"}', "span",
         'must be a number of seconds such as 2.5s; "999999999999s" does not exist or is out of range'),
        ('{"mask": "a,,b"}', "mask", 'must be field paths separated by commas, such as metrics,timeSeries, not "a,,b"'),
        ('{"spoon": "x"}', "spoon", "must be an object, not a string"),
        ('{"spoon": {"weight": 5}}', "spoon.weight", 'is not known; did you mean "weightGrams"?'),
        ('{"spoons": [{"name": 5}]}', "spoons[0].name", "must be a string, not a number"),
        ('{"labels": {"a": 5}}', 'labels["a"]', "must be a string, not a number"),
        ('{"labels": []}', "labels", "must be an object, not an array"),
        ('{"numbered": {"x": {}}}', 'numbered["x"]',
         'must be an integer from -9223372036854775808 to 9223372036854775807, not "x"'),
        ('{"left": "a", "right": {}}', "right", "excludes left: only one of them can be given"),
        ('{"any": {"@type": "x"}}', "any", "must be what proto3 JSON shows a google.protobuf.Any as"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(body: str | bytes, field: str, said: str) -> None:
    found = violations(body)

    assert {field: said} == found


def test_all_that_is_wrong_is_named_at_once() -> None:
    assert {"text", "small", "spoon.name"} == set(violations('{"text": 1, "small": "x", "spoon": {"name": []}}'))


def test_a_body_full_of_nonsense_makes_no_long_answer() -> None:
    assert MOST_VIOLATIONS == len(violations(json.dumps({f"unknown{index}": 1 for index in range(1000)})))


@pytest.mark.parametrize(
    "body", [r'{"\ud800": 1}', r'{"\ud800": 1, "\ud800": 2}', r'{"small": "\ud800"}', r'{"numbered": {"\ud800": {}}}']
)
def test_what_is_wrong_can_be_told_even_if_it_is_no_text(body: str) -> None:
    ((field, said),) = violations(body).items()

    assert "?" in f"{field}{said}"
    assert (field + said).encode()


def test_a_long_value_is_cut() -> None:
    assert len(violations(json.dumps({"colour": "x" * 10_000}))["colour"]) < 200


@pytest.mark.parametrize(("text", "value"), [("1e3", 1000), ("7.0", 7), ("-0", 0)])
def test_an_integer_may_be_written_in_each_way_that_json_has(text: str, value: int) -> None:
    assert value == decoded(f'{{"small": {text}}}').small


@pytest.mark.parametrize("text", ["9007199254740993", '"9007199254740993"'])
def test_an_integer_that_javascript_cannot_hold_may_be_quoted(text: str) -> None:
    assert 9007199254740993 == decoded(f'{{"large": {text}}}').large


def test_both_alphabets_of_base64_are_read_with_and_without_padding() -> None:
    assert [b"\xfb\xff", b"\xfb\xff"] == list(decoded('{"datas": ["+/8=", "-_8"]}').datas)
