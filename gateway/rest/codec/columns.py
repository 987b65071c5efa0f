"""Rows of a table to JSON, field by field instead of row by row: C reads a column of them in one call."""

import math
from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

import msgspec
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from msgspec import UNSET

from gateway.contract import is_embedded_json
from gateway.rest.codec.names import json_name, map_entry
from gateway.rest.codec.times import instant_text
from gateway.rest.codec.values import Convert, number_or_name, scalar

Rows = Callable[[list[Any]], list[Any]]
"""From messages of one type to what msgspec encodes, one each, in their order."""
Column = Callable[[list[Any]], Iterable[object]]
"""What one field shows in each of the messages: UNSET, which msgspec leaves out, where it is absent."""
Has = Callable[[Any, str], bool]


def rows(descriptor: Descriptor) -> Rows | None:
    """How to convert many of these messages at once; None if one of their fields is more than a cell of a table.

    Cells are single scalars, times, and maps from text to what msgspec takes as it is.
    """
    # Those without presence first, as where messages are converted one by one.
    fields = sorted(descriptor.fields, key=lambda field: field.has_presence)
    # That of the class: a message's own is found only after a search of its fields.
    has: Has = GetMessageClass(descriptor).HasField
    columns = [column for field in fields if (column := _column(field, has)) is not None]
    if not fields or len(columns) < len(fields):
        return None
    names = {f"f{field.number}": json_name(field) for field in fields}
    # Nothing in a row leads back to it: the collector need not look.
    row = msgspec.defstruct(descriptor.name, [(name, object) for name in names], rename=names, gc=False)
    return lambda messages: [*map(row, *[column(messages) for column in columns])]


def _column(field: FieldDescriptor, has: Has) -> Column | None:
    if (entry := map_entry(field)) is not None:
        return _maps(field) if _is_plain(entry) else None
    if field.message_type is not None and field.message_type.full_name == "google.protobuf.Timestamp":
        return None if field.is_repeated else _times(field, has)
    if field.message_type is not None or field.is_repeated or is_embedded_json(field) or field.default_value:
        return None
    convert = _doubles if field.type == FieldDescriptor.TYPE_DOUBLE else _each(scalar(field))
    return _optional(field, has, convert) if field.has_presence else _always(field, convert)


def _is_plain(entry: Descriptor) -> bool:
    key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
    return key.type == FieldDescriptor.TYPE_STRING and value.message_type is None and scalar(value) is None


def _maps(field: FieldDescriptor) -> Column:
    get = attrgetter(field.name)

    def column(messages: list[Any]) -> list[object]:
        shown: list[object] = []
        for values in map(get, messages):
            plain = {}
            # A comprehension is a call of its own until Python 3.12, and costs more than the few labels of a row.
            for key in values:
                plain[key] = values[key]
            shown.append(plain)
        return shown

    return column


def _times(field: FieldDescriptor, has: Has) -> Column:
    get, name = attrgetter(field.name), field.name

    def column(messages: list[Any]) -> list[object]:
        shown: list[object] = []
        last_seconds, last_nanos, text = 0, 0, instant_text(0, 0)
        for message in messages:
            if has(message, name):
                time = get(message)
                seconds, nanos = time.seconds, time.nanos
                # One row after the other tells of the same window, or was observed at once.
                if seconds != last_seconds or nanos != last_nanos:
                    last_seconds, last_nanos, text = seconds, nanos, instant_text(seconds, nanos)
                shown.append(text)
            else:
                shown.append(UNSET)
        return shown

    return column


def _always(field: FieldDescriptor, convert: Rows) -> Column:
    get = attrgetter(field.name)
    return lambda messages: convert([*map(get, messages)])


def _optional(field: FieldDescriptor, has: Has, convert: Rows) -> Column:
    get, name = attrgetter(field.name), field.name

    def column(messages: list[Any]) -> Iterable[object]:
        values = [*map(get, messages)]
        shown = convert(values)
        # Only of what looks like nothing must be asked whether it is there.
        if all(values):
            return shown
        return [
            cell if value or has(message, name) else UNSET
            for cell, value, message in zip(shown, values, messages, strict=True)
        ]

    return column


def _each(convert: Convert | None) -> Rows:
    return (lambda values: values) if convert is None else lambda values: [convert(value) for value in values]


def _doubles(values: list[float]) -> list[Any]:
    # A sum is finite only if all are; if it is not, then because one is not, or, for once, because of its own size.
    return values if math.isfinite(sum(values)) else [number_or_name(value) for value in values]
