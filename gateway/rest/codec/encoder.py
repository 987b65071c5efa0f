"""Messages to JSON, by a function compiled for each descriptor at the start.

`benchmarks/json_encoding.py` measures the roads not taken: `json_format` takes four times as long, reading field by
field twice; protobuf-py is as fast, but cannot show embedded JSON, and reads each answer into messages of its own.
Rows of a table go by `columns`, in half the time; what has parts of its own, as events have, goes one by one.
"""

from collections.abc import Iterable, Mapping

import msgspec
from google.protobuf import descriptor_pool, json_format
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass

from gateway.contract import is_embedded_json
from gateway.rest.codec.columns import Rows, rows
from gateway.rest.codec.names import describe, json_name, map_entry
from gateway.rest.codec.times import duration_text, timestamp_text
from gateway.rest.codec.values import MAP_KEYS, Convert, base64_text, embedded, scalar, unset


class JsonEncoder:
    """Writes messages as canonical proto3 JSON, without white space; fields without presence are always there."""

    def __init__(self, messages: Iterable[Descriptor] = ()) -> None:
        """Compile these messages and all that they hold. Others are compiled when they are first met.

        Raises:
            TypeError: a field is marked as embedded JSON and is no plain string.
        """
        self._encoder = msgspec.json.Encoder()
        self._compiled: dict[str, Convert] = {
            "google.protobuf.Any": self._any,
            "google.protobuf.Duration": duration_text,
            "google.protobuf.FieldMask": lambda mask: mask.ToJsonString(),
            "google.protobuf.ListValue": json_format.MessageToDict,
            "google.protobuf.Struct": json_format.MessageToDict,
            "google.protobuf.Timestamp": timestamp_text,
            "google.protobuf.Value": json_format.MessageToDict,
        }
        for message in messages:
            self._message(message)

    def encode(self, message: Message) -> bytes:
        """The message as UTF-8, on one line."""
        return self._encoder.encode(self.plain(message))

    def encode_plain(self, value: Mapping[str, object]) -> bytes:
        """Anything that msgspec encodes, `plain` included, as UTF-8 on one line."""
        return self._encoder.encode(value)

    def plain(self, message: Message) -> object:
        """The message as what msgspec encodes: a dict of dicts, lists, structs, scalars, and `msgspec.Raw`."""
        return self._message(describe(message))(message)

    def _message(self, descriptor: Descriptor) -> Convert:
        known = self._compiled.get(descriptor.full_name)
        if known is not None:
            return known
        if descriptor.full_name in _WRAPPERS:
            convert = scalar(descriptor.fields_by_name["value"])
            return (lambda m: m.value) if convert is None else (lambda m: convert(m.value))
        return self._compile(descriptor)

    def _compile(self, descriptor: Descriptor) -> Convert:
        always: dict[str, object] = {}
        fields: dict[FieldDescriptor, tuple[str, Convert | None]] = {}
        # That of the class: a message's own is found only after a search of its fields.
        list_fields = GetMessageClass(descriptor).ListFields

        def convert(message: Message) -> dict[str, object]:
            plain = always.copy()
            # One call tells all fields that are set, however few; HasField would be asked about each.
            for field, value in list_fields(message):
                name, convert_value = fields[field]
                plain[name] = value if convert_value is None else convert_value(value)
            return plain

        self._compiled[descriptor.full_name] = convert  # before its fields, which may be of the same type
        for field in descriptor.fields:
            name = json_name(field)
            fields[field] = (name, self._field(field))
            if not field.has_presence:
                always[name] = unset(field)
        return convert

    def _field(self, field: FieldDescriptor) -> Convert | None:
        """How to convert the field's value; None where msgspec can take it as it is."""
        if (entry := map_entry(field)) is not None:
            return self._map(entry)
        if is_embedded_json(field):
            return embedded(field)
        if field.is_repeated and (convert_rows := self._rows(field.message_type)) is not None:
            return lambda messages: convert_rows(messages[:])
        convert = self._message(field.message_type) if field.message_type is not None else scalar(field)
        if not field.is_repeated:
            return convert
        # A slice of protobuf's container is a list, in half the time that `list` takes.
        return (lambda values: values[:]) if convert is None else lambda values: [convert(value) for value in values]

    @staticmethod
    def _rows(message: Descriptor | None) -> Rows | None:
        return None if message is None or message.full_name in _WELL_KNOWN else rows(message)

    def _map(self, entry: Descriptor) -> Convert:
        write_key = MAP_KEYS.get(entry.fields_by_name["key"].type, str)
        convert = self._field(entry.fields_by_name["value"])
        # Looked up key by key, since `items()` of protobuf's maps takes twice as long.
        if convert is None:
            return lambda values: {write_key(key): values[key] for key in values}
        return lambda values: {write_key(key): convert(values[key]) for key in values}

    def _any(self, packed: AnyMessage) -> dict[str, object]:
        """`@type` and the fields of what is inside, or its bytes, as `value`, if they cannot be read here."""
        if not packed.type_url and not packed.value:
            return {}
        try:
            inner = GetMessageClass(descriptor_pool.Default().FindMessageTypeByName(packed.TypeName()))()
            inner.ParseFromString(packed.value)
        except (KeyError, DecodeError):
            return {"@type": packed.type_url, "value": base64_text(packed.value)}
        plain = self.plain(inner)
        if describe(inner).full_name in _OF_THEIR_OWN_FORM or not isinstance(plain, dict):
            return {"@type": packed.type_url, "value": plain}
        return {"@type": packed.type_url, **plain}


_WRAPPERS = frozenset(
    f"google.protobuf.{kind}Value"
    for kind in ("Bool", "Bytes", "Double", "Float", "Int32", "Int64", "String", "UInt32", "UInt64")
)
_OF_THEIR_OWN_FORM = frozenset(
    f"google.protobuf.{name}" for name in ("Any", "Duration", "FieldMask", "ListValue", "Struct", "Timestamp", "Value")
)
"""Inside an `Any` these stand below `value`, since their JSON is not that of their fields."""
_WELL_KNOWN = _WRAPPERS | _OF_THEIR_OWN_FORM
