"""Single values as msgspec is to encode them: what proto3 JSON makes of each type."""

import base64
import math
import struct
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from gateway.rest.codec.names import map_entry

Convert = Callable[[Any], object]
"""From what protobuf holds to what msgspec encodes."""

_INT64 = frozenset(
    {
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_UINT64,
        FieldDescriptor.TYPE_SINT64,
        FieldDescriptor.TYPE_FIXED64,
        FieldDescriptor.TYPE_SFIXED64,
    }
)


def scalar(field: FieldDescriptor) -> Convert | None:
    """How to convert one value of a scalar or enum field; None where msgspec can take it as it is."""
    if field.enum_type is not None:
        return _enum(field.enum_type)
    if field.type in _INT64:
        return str
    return _SCALARS.get(field.type)


def _enum(enum: EnumDescriptor) -> Convert:
    """By name; by number where the contract knows none, as a newer one may."""
    if enum.full_name == "google.protobuf.NullValue":
        return lambda _: None
    names: dict[int, object] = {number: value.name for number, value in enum.values_by_number.items()}
    return lambda number: names.get(number, number)


def unset(field: FieldDescriptor) -> object:
    """What a field without presence shows when nothing was set."""
    if field.is_repeated:
        return [] if map_entry(field) is None else {}
    convert = scalar(field)
    return field.default_value if convert is None else convert(field.default_value)


def embedded(field: FieldDescriptor) -> Convert:
    """How to show the JSON that a field's text is.

    Raises:
        TypeError: the field is no single string, or its name has no suffix to go.
    """
    if field.type != FieldDescriptor.TYPE_STRING or field.is_repeated or not field.name.endswith("_json"):
        raise TypeError(f"{field.full_name}: embedded_json needs a single string field whose name ends in _json")
    return _raw


def _raw(text: str) -> object:
    """The JSON that the text is, on one line; if it is none, or too deep, the text itself: the whole stays JSON."""
    try:
        raw: msgspec.Raw = _READ_RAW(text)
        # Between tokens a line may break, and only there; NDJSON and server-sent events end at a line's end.
        return msgspec.Raw(msgspec.json.format(text.encode(), indent=-1)) if "\n" in text or "\r" in text else raw
    except (msgspec.DecodeError, RecursionError):
        return text


_READ_RAW = msgspec.json.Decoder(msgspec.Raw).decode


def base64_text(value: bytes) -> str:
    """The bytes in base64, with padding."""
    return base64.b64encode(value).decode()


def number_or_name(value: float) -> object:
    """The number; the name of what JSON has no number for."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def _float(value: float) -> object:
    """The shortest number that reads back as the same 32 bits; six to nine digits do."""
    if not math.isfinite(value):
        return number_or_name(value)
    return next(short for digits in range(6, 10) if _as_float(short := float(f"{value:.{digits}g}")) == value)


def _as_float(value: float) -> float:
    try:
        narrowed: float = struct.unpack("<f", struct.pack("<f", value))[0]
    except OverflowError:
        return math.inf  # rounding up left the range
    return narrowed


_SCALARS: Mapping[int, Convert] = {
    FieldDescriptor.TYPE_BYTES: base64_text,
    FieldDescriptor.TYPE_DOUBLE: number_or_name,
    FieldDescriptor.TYPE_FLOAT: _float,
}
MAP_KEYS: Mapping[int, Callable[[Any], str]] = {
    FieldDescriptor.TYPE_BOOL: lambda key: "true" if key else "false",
    FieldDescriptor.TYPE_STRING: lambda key: key,
}
