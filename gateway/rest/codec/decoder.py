"""JSON to messages, strictly: what is not understood is named, never dropped."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.pipeline.errors import FieldViolation, InvalidRequestError
from gateway.rest.codec.names import by_any_name, describe, map_entry, not_known, shortened
from gateway.rest.codec.scalars import MismatchError, from_text, kind, read_scalar
from gateway.rest.codec.wellknown import is_single_value, is_wrapper, read_single_value

MOST_VIOLATIONS = 20
"""Enough to correct a request at once; a body full of nonsense does not make a long answer."""

Tree = dict[str, Any]
"""A request as JSON would have it: field names, in either spelling, and their values."""


def decode_body(body: bytes) -> Tree:
    """The object that a body holds; an empty body is an empty object.

    Raises:
        InvalidRequestError: it is not UTF-8, not JSON, not an object, or has a name twice.
    """
    if not body:
        return {}
    try:
        tree = json.loads(body.decode(), object_pairs_hook=_object, parse_constant=_no_constant)
    except MismatchError as error:
        raise _invalid_body(str(error)) from None
    except RecursionError:
        raise _invalid_body("must be JSON; this is nested too deeply") from None
    except ValueError as error:
        raise _invalid_body(f"must be JSON in UTF-8: {_place(error)}") from None
    if not isinstance(tree, dict):
        raise _invalid_body(f"must be a JSON object, not {kind(tree)}")
    return tree


def decode_tree(tree: Tree, message: Message) -> None:
    """Set the message's fields. JSON's null leaves a field unset.

    Raises:
        InvalidRequestError: a field is not known, or its value not right; up to `MOST_VIOLATIONS` are named at once.
    """
    reader = _Reader()
    with suppress(_EnoughError):
        try:
            reader.fields(tree, message, "")
        except RecursionError:
            raise _invalid_body("is nested too deeply") from None
    if reader.violations:
        raise InvalidRequestError(*reader.violations)


class _EnoughError(Exception):
    """`MOST_VIOLATIONS` have been found: to look for more would only cost time."""


class _Reader:
    """Sets fields, and notes those that it can't."""

    def __init__(self) -> None:
        self.violations: list[FieldViolation] = []

    def fields(self, tree: Mapping[str, Any], message: Message, prefix: str) -> None:
        known = by_any_name(describe(message))
        seen: set[str] = set()
        for name, value in tree.items():
            field = known.get(name)
            if field is None:
                self._note(prefix + shortened(name).strip('"'), not_known(name, describe(message)))
            elif value is None and not _takes_null(field):
                continue
            elif field.name in seen:
                self._note(prefix + field.name, "is given twice, in both spellings")
            else:
                seen.add(field.name)
                self._field(field, value, message, prefix + field.name)

    def _field(self, field: FieldDescriptor, value: object, message: Message, path: str) -> None:
        oneof = field.containing_oneof
        try:
            if oneof is not None and message.WhichOneof(oneof.name) not in {None, field.name}:
                raise MismatchError(f"excludes {message.WhichOneof(oneof.name)}: only one of them can be given")  # noqa: TRY301 - noted below like any other
            if (entry := map_entry(field)) is not None:
                self._map(entry, value, getattr(message, field.name), path)
            elif field.is_repeated:
                self._list(field, value, message, path)
            elif field.message_type is not None:
                self._message(value, getattr(message, field.name), path)
            else:
                setattr(message, field.name, read_scalar(field, value))
        except MismatchError as error:
            self._note(path, str(error))

    def _list(self, field: FieldDescriptor, values: object, message: Message, path: str) -> None:
        if not isinstance(values, list):
            raise MismatchError(f"must be an array, not {kind(values)}")
        target = getattr(message, field.name)
        for index, value in enumerate(values):
            try:
                if field.message_type is not None:
                    self._message(value, target.add(), f"{path}[{index}]")
                else:
                    target.append(read_scalar(field, value))
            except MismatchError as error:
                self._note(f"{path}[{index}]", str(error))

    def _map(self, entry: Descriptor, values: object, target: Any, path: str) -> None:  # noqa: ANN401 - a map
        if not isinstance(values, dict):
            raise MismatchError(f"must be an object, not {kind(values)}")
        key_field, value_field = entry.fields_by_name["key"], entry.fields_by_name["value"]
        for text, value in values.items():
            try:
                key = read_scalar(key_field, from_text(key_field, text))
                if value_field.message_type is not None:
                    self._message(value, target[key], f"{path}[{shortened(text)}]")
                else:
                    target[key] = read_scalar(value_field, value)
            except MismatchError as error:
                self._note(f"{path}[{shortened(text)}]", str(error))

    def _message(self, value: object, target: Message, path: str) -> None:
        target.SetInParent()
        descriptor = describe(target)
        if is_wrapper(descriptor):
            setattr(target, "value", read_scalar(descriptor.fields_by_name["value"], value))  # noqa: B010 - Message has none
        elif is_single_value(descriptor):
            read_single_value(target, value)
        elif isinstance(value, dict):
            self.fields(value, target, path + ".")
        else:
            raise MismatchError(f"must be an object, not {kind(value)}")

    def _note(self, path: str, description: str) -> None:
        self.violations.append(FieldViolation(field=path, description=description))
        if len(self.violations) == MOST_VIOLATIONS:
            raise _EnoughError


def _takes_null(field: FieldDescriptor) -> bool:
    """`google.protobuf.Value` alone has a null of its own."""
    return field.message_type is not None and field.message_type.full_name == "google.protobuf.Value"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in pairs:
        if name in tree:
            raise MismatchError(f"has the name {shortened(name)} twice in one object")
        tree[name] = value
    return tree


def _no_constant(name: str) -> NoReturn:
    raise MismatchError(f'must be JSON, which has no {name}; write it as a string, "{name}"')


def _place(error: ValueError) -> str:
    """Where the text stops to make sense; not what stands there, which may be personal."""
    match error:
        case json.JSONDecodeError():
            return f"it makes no sense at line {error.lineno}, column {error.colno}"
        case UnicodeDecodeError():
            return f"byte {error.start} is not"
        case _:
            return "a number has too many digits"


def _invalid_body(description: str) -> InvalidRequestError:
    return InvalidRequestError(FieldViolation(field="body", description=description))
