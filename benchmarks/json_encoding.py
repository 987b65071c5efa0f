"""How long it takes to write a page of 1,000 events as JSON, in each of the ways that were weighed.

Run with `python -m benchmarks.json_encoding`. The gateway uses the way marked with an arrow; the others are kept so
that the choice can be measured again. Those marked so show embedded JSON as text, not as the value that it is.
`orjson` and its line appear only where it is installed.
"""

import importlib.util
import json
import math
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import resources
from json.encoder import encode_basestring
from typing import Any

import msgspec
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from protobuf import Registry
from protobuf._file_registry import add_file
from protobuf.wkt import FileDescriptorSet
from rich.console import Console
from rich.table import Table

from gateway.contract import PACKAGE, is_embedded_json
from gateway.rest.codec import JsonEncoder
from gateway.rest.codec.names import describe, json_name
from gateway.rest.codec.times import timestamp_text
from unified.analytics.v1.analytics_service_pb2 import ListEventsResponse

EVENTS = 1000
_SECONDS_EACH = 1.5

Way = Callable[[Message], bytes]


def page() -> ListEventsResponse:
    """A page as Fluid Topics' events make it."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    response = ListEventsResponse(next_page_token="x" * 60)
    for index in range(EVENTS):
        event = response.events.add(
            source="docs",
            id=f"event-{index:08}",
            name="khub.search",
            app_name="Fluid Topics",
            app_version="4.3.29",
            content_locale="en-US",
            ui_locale="en-US",
            offline=False,
            attributes_json=json.dumps(
                {"searchQuery": {"terms": f"reset password {index}", "filters": []}, "resultCount": 2**60 + index}
            ),
            session_id=f"session-{index:020}",
            tenant_id="aurora",
            user_agent="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            user_ip="203.0.113.7",
        )
        event.event_time.FromDatetime(start + timedelta(milliseconds=index * 12_345))
        event.user.id = f"user-{index % 300}"
        event.user.realms.append("internal")
        event.user.roles.extend(["PRINT_USER", "RATING_USER"])
    return response


def with_json_format(response: Message) -> bytes:
    """The library's own, in pure Python."""
    return json_format.MessageToJson(response, always_print_fields_with_no_presence=True, indent=None).encode()


def with_protobuf_py(response: Message) -> bytes:
    """Buf's library, native: the message is serialised, and read again by the other library, which writes the JSON."""
    text: str = _PROTOBUF_PY.from_binary(response.SerializeToString()).to_json(always_emit_implicit=True)
    return text.encode()


def _protobuf_py() -> Any:  # noqa: ANN401 - a class made at run time
    registry = Registry()
    image = resources.files(PACKAGE).joinpath("contract.binpb").read_bytes()
    for file in FileDescriptorSet.from_binary(image).file:
        add_file(registry, file, None)
    message = registry.message(f"{PACKAGE}.ListEventsResponse")
    return None if message is None else message.type


_PROTOBUF_PY = _protobuf_py()


class FieldByField:
    """Compiled per descriptor too, but asks for each field with `HasField` and `getattr`."""

    def __init__(self) -> None:
        self._compiled: dict[str, Callable[[Any], object]] = {"google.protobuf.Timestamp": timestamp_text}

    def __call__(self, response: Message) -> bytes:
        """The page as JSON."""
        return msgspec.json.encode(self.message(describe(response))(response))

    def message(self, descriptor: Descriptor) -> Callable[[Any], object]:
        """Dicts of what msgspec encodes."""
        if descriptor.full_name not in self._compiled:
            steps = [(f.name, json_name(f), self._field(f), f.has_presence) for f in descriptor.fields]
            self._compiled[descriptor.full_name] = lambda message: {
                name: convert(getattr(message, key))
                for key, name, convert, presence in steps
                if not presence or message.HasField(key)
            }
        return self._compiled[descriptor.full_name]

    def _field(self, field: FieldDescriptor) -> Callable[[Any], object]:
        single = self._single(field)
        return single if not field.is_repeated else lambda values: [single(value) for value in values]

    def _single(self, field: FieldDescriptor) -> Callable[[Any], object]:
        if field.message_type is not None:
            return _late(lambda: self.message(_message_type(field)), _skipped(field))
        if is_embedded_json(field):
            return lambda text: msgspec.Raw(text.encode())
        return str if field.cpp_type == FieldDescriptor.CPPTYPE_INT64 else lambda value: value


class Text:
    """Builds the text itself, with no other library."""

    def __init__(self) -> None:
        self._compiled: dict[str, Callable[[Any], str]] = {
            "google.protobuf.Timestamp": lambda value: f'"{timestamp_text(value)}"'
        }

    def __call__(self, response: Message) -> bytes:
        """The page as JSON."""
        return self.message(describe(response))(response).encode()

    def message(self, descriptor: Descriptor) -> Callable[[Any], str]:
        """JSON as text."""
        if descriptor.full_name not in self._compiled:
            steps = {field: (f'"{json_name(field)}":', self._field(field)) for field in descriptor.fields}
            unset = {f: f'"{json_name(f)}":{"[]" if f.is_repeated else json.dumps(f.default_value)}'
                     for f in descriptor.fields if not f.has_presence}  # fmt: skip

            def convert(message: Message) -> str:
                found = message.ListFields()
                parts = [steps[field][0] + steps[field][1](value) for field, value in found]
                present = {field for field, _ in found}
                parts += [text for field, text in unset.items() if field not in present]
                return "{" + ",".join(parts) + "}"

            self._compiled[descriptor.full_name] = convert
        return self._compiled[descriptor.full_name]

    def _field(self, field: FieldDescriptor) -> Callable[[Any], str]:
        single = self._single(field)
        return single if not field.is_repeated else lambda values: f"[{','.join([single(value) for value in values])}]"

    def _single(self, field: FieldDescriptor) -> Callable[[Any], str]:
        if field.message_type is not None:
            return _late(lambda: self.message(_message_type(field)), _skipped(field))
        if is_embedded_json(field):
            return str
        return encode_basestring if field.cpp_type == FieldDescriptor.CPPTYPE_STRING else json.dumps


def _message_type(field: FieldDescriptor) -> Descriptor:
    assert field.message_type is not None  # noqa: S101 - asked for message fields only
    return field.message_type


def _skipped(field: FieldDescriptor) -> bool:
    """Windows and outcomes, of which the page has none, would need types that the sketches here leave out."""
    return _message_type(field).name in {"SourceWindow", "SourceOutcome"}


def _late(make: Callable[[], Callable[[Any], Any]], skipped: bool) -> Callable[[Any], Any]:  # noqa: FBT001 - private
    return json.dumps if skipped else make()


def with_other_writer(encoder: JsonEncoder, dumps: Callable[[object], bytes]) -> Way:
    """The gateway's own dicts, written by another library than msgspec, which knows no Raw and gets values instead."""
    plain = json.loads(encoder.encode(page()))
    return lambda response: (encoder.plain(response), dumps(plain))[1]


def microseconds_per_event(way: Way, response: Message) -> float:
    """The best of many runs, in the time of this process: whatever else the machine does only ever makes one slower."""
    best, end = math.inf, time.monotonic() + _SECONDS_EACH
    while time.monotonic() < end:
        start = time.process_time()
        way(response)
        best = min(best, time.process_time() - start)
    return best / EVENTS * 1e6


def main() -> None:
    """Print a table, the fastest first."""
    response, encoder = page(), JsonEncoder([describe(ListEventsResponse())])
    ways: dict[str, Way] = {
        "→ compiled, ListFields, msgspec": encoder.encode,
        "compiled, HasField and getattr, msgspec": FieldByField(),
        "compiled, ListFields, json": with_other_writer(encoder, lambda plain: json.dumps(plain).encode()),
        "compiled, ListFields, text joined": Text(),
        "protobuf-py (no embedded JSON)": with_protobuf_py,
        "json_format (no embedded JSON)": with_json_format,
    }
    if importlib.util.find_spec("orjson"):
        ways["compiled, ListFields, orjson"] = with_other_writer(encoder, importlib.import_module("orjson").dumps)
    assert json.loads(encoder.encode(response)) == json.loads(FieldByField()(response)) == json.loads(Text()(response))  # noqa: S101 - or the comparison is void
    table = Table("way", "µs per event", title=f"A page of {EVENTS:,} events, {len(encoder.encode(response)):,} bytes")
    for name, took in sorted(((n, microseconds_per_event(w, response)) for n, w in ways.items()), key=lambda r: r[1]):
        table.add_row(name, f"{took:.2f}")
    Console().print(table)


if __name__ == "__main__":
    main()
