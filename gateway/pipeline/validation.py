"""Holds requests to the rules that the contract writes beside its fields."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import protovalidate
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp

from gateway.contract import is_personal
from gateway.pipeline.errors import FieldViolation, InvalidRequestError

_LONGEST_VALUE = 64
_CAPITAL = re.compile(r"[A-Z]")
_MOST_TOLD = 32
_LARGEST_TOLD_IN_FULL = 8 * 1024


class RequestValidator:
    """Checks requests against `buf.validate`. The rules are compiled at the start, where a wrong one is noticed."""

    def __init__(self, requests: Iterable[type[Message]]) -> None:
        """Compile the rules of these messages.

        Raises:
            protovalidate.CompilationError: a rule of the contract makes no sense.
        """
        self._validator = protovalidate.Validator()
        for request in requests:
            self._validator.collect_violations(request())

    def check(self, request: Message) -> None:
        """Do nothing if the request keeps all rules.

        Raises:
            InvalidRequestError: it breaks some; each field is named, with its value unless that is personal, and what
                would be right. Of many, the first 32 are told; of a request over 8 KiB, the first.
        """
        found = self._validator.collect_violations(request, fail_fast=True)
        if found and request.ByteSize() <= _LARGEST_TOLD_IN_FULL:
            # Not at once: a list of a million elements, each of them wrong, would keep everybody waiting for a minute.
            found = self._validator.collect_violations(request)
        if found:
            raise InvalidRequestError(*(_described(violation, request) for violation in found[:_MOST_TOLD]))


def spell_masks_in_snake_case(request: Message) -> None:
    """Put the paths of the request's own field masks into the contract's spelling: `timeSeries` becomes `time_series`.

    JSON's field masks are in camel case and protobuf's in snake case; callers of either kind write both.
    """
    for field, value in request.ListFields():
        if field.message_type is FieldMask.DESCRIPTOR:
            value.paths[:] = [_snake(path) for path in value.paths]


def _snake(path: str) -> str:
    return _CAPITAL.sub(lambda letter: f"_{letter[0].lower()}", path)


def _described(violation: protovalidate.Violation, request: Message) -> FieldViolation:
    proto = violation.proto
    elements = list(proto.field.elements) if proto.field is not None else []
    if not elements:
        # A rule about several fields has no path. By our convention its text begins with the name of the first of them.
        field, _, description = proto.message.partition(" ")
        return FieldViolation(field=field, description=description)
    path = ".".join(element.field_name + _subscript(element) for element in elements)
    fields = list(_fields(elements, request))
    return FieldViolation(field=path, description=_expected(proto, fields[-1]) + _instead(violation, fields))


def _subscript(element: protovalidate.FieldPathElementPb) -> str:
    return "" if element.subscript is None else f"[{element.subscript.value}]"


def _fields(elements: Iterable[protovalidate.FieldPathElementPb], request: Message) -> Iterator[FieldDescriptor]:
    """The descriptors along a path. Its last element may be no message."""
    message: Any = request.DESCRIPTOR
    for element in elements:
        field = message.fields_by_name[element.field_name]
        yield field
        message = field.message_type


def _expected(violation: protovalidate.ViolationPb, field: FieldDescriptor) -> str:
    if violation.rule_id == "enum.defined_only" and field.enum_type is not None:
        return "must be one of " + ", ".join(value.name for value in field.enum_type.values)
    return violation.message


def _instead(violation: protovalidate.Violation, fields: Iterable[FieldDescriptor]) -> str:
    """What stands in the request instead, as far as that may be repeated."""
    rule, value = violation.proto.rule_id, violation.field_value
    if rule.endswith(("_len", "_items")):
        return f", not {len(value)}"
    if any(is_personal(field) for field in fields):
        return ""
    written = _written(value)
    return "" if written is None else f", not {written}"


def _written(value: object) -> str | None:
    """The value, short enough for a sentence; None if that cannot be."""
    match value:
        case bool() | int() | float():
            return str(value)
        case str():
            return _shortened(value)
        case FieldMask():
            return _shortened(",".join(value.paths))
        case Duration() | Timestamp():
            return _shortened(_json_of(value))
        case _:
            return None


def _json_of(value: Duration | Timestamp) -> str:
    """As JSON writes it; what JSON has no form for, as the two numbers that it is."""
    try:
        return value.ToJsonString()
    except ValueError:
        return f"{value.seconds} seconds and {value.nanos} nanoseconds"


def _shortened(text: str) -> str:
    return repr(text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 1] + "…")
