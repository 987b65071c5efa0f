"""Messages to JSON, held against protobuf's own `json_format`."""

import json
import math
from typing import Any

import msgspec
import pytest
from google.protobuf import descriptor_pool, json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.empty_pb2 import Empty
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.error_details_pb2 import RetryInfo
from google.rpc.status_pb2 import Status
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract import PACKAGE, is_embedded_json, load_contract
from gateway.rest.codec import JsonEncoder
from gateway.rest.codec.columns import rows
from gateway.rest.codec.names import describe
from tests.gateway.rest.kitchen import SINK, sink
from tests.gateway.rest.messages import messages
from unified.analytics.v1.analytics_service_pb2 import ListEventsResponse, ListMetricsResponse
from unified.analytics.v1.event_pb2 import Event
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.time_series_pb2 import TimeSeries

CONTRACT = load_contract()
ENCODER = JsonEncoder(method.descriptor.output_type for method in CONTRACT.methods)
RESPONSES = {method.descriptor.output_type.name: method.descriptor.output_type for method in CONTRACT.methods}


def encoded(message: Message) -> Any:  # noqa: ANN401 - any JSON
    return json.loads(ENCODER.encode(message))


def oracle(message: Message) -> Any:  # noqa: ANN401 - any JSON
    """What `json_format` makes of it, with embedded JSON shown as the value that it is."""
    plain = json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    return _embed(plain, message)


def _embed(plain: Any, message: Any) -> Any:  # noqa: ANN401 - any JSON, any message
    for field, value in message.ListFields():
        if is_embedded_json(field):
            plain[field.json_name.removesuffix("Json")] = json.loads(plain.pop(field.json_name))
        elif field.message_type is not None and field.message_type.full_name.startswith("unified."):
            if field.is_repeated and not field.message_type.GetOptions().map_entry:
                for inner_plain, inner in zip(plain[field.json_name], value, strict=True):
                    _embed(inner_plain, inner)
            elif not field.is_repeated:
                _embed(plain[field.json_name], value)
    return plain


@pytest.mark.parametrize("descriptor", RESPONSES.values(), ids=RESPONSES)
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_every_response_is_what_json_format_says_but_for_embedded_json(
    data: st.DataObject, descriptor: Descriptor
) -> None:
    message = data.draw(messages(descriptor))

    assert oracle(message) == encoded(message)


@settings(max_examples=60, deadline=None)
@given(message=messages(SINK))
def test_every_kind_of_field_is_what_json_format_says(message: Message) -> None:
    assert oracle(message) == encoded(message)


def test_an_empty_message_shows_the_fields_without_presence_only() -> None:
    plain = encoded(Event())

    assert {"source": ""} == plain


def test_large_integers_are_strings_and_doubles_are_numbers() -> None:
    plain = encoded(sink(large=2**53 + 1, number=12.0))

    assert "9007199254740993" == plain["large"]
    assert 12 == plain["number"]


def test_embedded_json_keeps_every_digit() -> None:
    line = ENCODER.encode(Event(attributes_json='{"n": 123456789012345678901234567890.10}'))

    assert b'"attributes":{"n": 123456789012345678901234567890.10}' in line


@pytest.mark.parametrize("text", ["", "{", '{"a":1}}', "nul", "\x00", "[" * 9999 + "]" * 9999])
def test_embedded_text_that_is_no_json_does_not_break_the_answer(text: str) -> None:
    plain = encoded(ListEventsResponse(events=[Event(id="1", attributes_json=text)], next_page_token="x"))

    assert text == plain["events"][0]["attributes"]
    assert "x" == plain["nextPageToken"]


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_an_answer_is_one_line_even_if_embedded_json_is_not(end: str) -> None:
    line = ENCODER.encode(Event(attributes_json=f'{{"a":{end}[1,{end}2.50]}}'))

    assert b"\n" not in line
    assert b"\r" not in line
    assert b'{"a":[1,2.50]}' in line


def test_the_details_of_a_status_show_their_type_and_their_fields() -> None:
    status = Status(code=14, message="no")
    retry = RetryInfo()
    retry.retry_delay.FromSeconds(3)
    status.details.add().Pack(retry)

    assert [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "3s"}] == encoded(status)["details"]


def test_an_any_of_an_unknown_type_keeps_its_bytes() -> None:
    packed = AnyMessage(type_url="type.googleapis.com/nobody.Knows", value=b"\x01\x02")

    assert {"@type": "type.googleapis.com/nobody.Knows", "value": "AQI="} == encoded(packed)


def test_an_enum_value_of_a_newer_contract_is_its_number() -> None:
    assert 99 == encoded(sink(colour=99))["colour"]


def test_a_time_that_no_calendar_has_is_refused() -> None:
    with pytest.raises(OverflowError):
        ENCODER.encode(Timestamp(seconds=2**60))


TABLES = ["Metric", "Point", "EventCount", "SourceWindow", "Measure"]


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_rows_read_column_by_column_are_as_if_read_one_by_one(data: st.DataObject, name: str) -> None:
    descriptor = descriptor_pool.Default().FindMessageTypeByName(f"{PACKAGE}.{name}")
    convert = rows(descriptor)
    drawn = data.draw(st.lists(messages(descriptor), max_size=6))
    # Times come in runs, and come back.
    table = [row for row in drawn for _ in range(2)] + drawn

    assert convert is not None
    assert [ENCODER.encode(row) for row in table] == [msgspec.json.encode(row) for row in convert(table)]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, -0.0, 0.0, 1.7e308])
def test_a_column_may_hold_any_number_or_none(value: float) -> None:
    table = [Metric(value=1.7e308), Metric(), Metric(value=value)]

    plain = encoded(ListMetricsResponse(metrics=table))

    assert [encoded(row) for row in table] == plain["metrics"]
    assert "value" not in plain["metrics"][1]


def test_a_row_without_a_time_does_not_show_that_of_the_row_before() -> None:
    time = Timestamp(seconds=60, nanos=1)
    table = [Metric(start_time=time), Metric(), Metric(start_time=time), Metric(start_time=Timestamp())]

    starts = [row.get("startTime") for row in encoded(ListMetricsResponse(metrics=table))["metrics"]]

    assert ["1970-01-01T00:01:00.000000001Z", None, "1970-01-01T00:01:00.000000001Z", "1970-01-01T00:00:00Z"] == starts


def test_what_has_parts_is_no_row() -> None:
    assert [None] * 4 == [rows(describe(message)) for message in (Event(), SourceOutcome(), TimeSeries(), Empty())]


@pytest.mark.parametrize(
    ("seconds", "nanos", "text"),
    [
        (0, 0, "0s"),
        (0, 828_000, "0.000828s"),
        (3, 500_000_000, "3.500s"),
        (1, 1, "1.000000001s"),
        (0, -500_000_000, "-0.500s"),
        (315_576_000_000, 0, "315576000000s"),
    ],
)
def test_a_duration_has_the_fewest_digits_that_lose_nothing(seconds: int, nanos: int, text: str) -> None:
    duration = Duration(seconds=seconds, nanos=nanos)

    assert text == encoded(duration) == duration.ToJsonString()


@pytest.mark.parametrize(("seconds", "nanos"), [(315_576_000_001, 0), (1, -1), (0, 1_000_000_000)])
def test_a_duration_that_protobuf_does_not_allow_is_refused(seconds: int, nanos: int) -> None:
    with pytest.raises(ValueError, match="Duration"):
        ENCODER.encode(Duration(seconds=seconds, nanos=nanos))


def test_what_is_plain_is_what_msgspec_encodes() -> None:
    event = Event(source="docs", attributes_json="[1]")

    assert {"source": "docs", "attributes": msgspec.Raw(b"[1]")} == ENCODER.plain(event)
