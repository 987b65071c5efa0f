"""Query parameters, as `google.api.http` maps them to fields: into the tree that a JSON body would be."""

from collections.abc import Collection
from typing import Any
from urllib.parse import parse_qsl

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from gateway.pipeline.errors import FieldViolation, InvalidRequestError
from gateway.rest.codec.decoder import MOST_VIOLATIONS, Tree
from gateway.rest.codec.names import by_any_name, not_known, shortened
from gateway.rest.codec.scalars import MismatchError, from_text
from gateway.rest.codec.wellknown import is_text, is_wrapper

MOST_PARAMETERS = 1000
"""More than a request line of 8 KiB is likely to hold."""


def read_query(query: str, message: Descriptor, bound: Collection[str]) -> Tree:
    """The parameters of a query string, still percent-encoded, as a tree in the contract's spelling.

    `bound` are the fields that the path gives already, dotted. A repeated field is a repeated parameter, a field of a
    message a dotted one; enums may leave out their prefix.

    Raises:
        InvalidRequestError: a parameter is not known, given twice, or cannot be given in a query.
    """
    tree: Tree = {}
    violations: list[FieldViolation] = []
    for name, text in _parameters(query):
        try:
            _insert(tree, message, name, text, bound)
        except MismatchError as error:
            violations.append(FieldViolation(field=shortened(name).strip('"'), description=str(error)))
            if len(violations) == MOST_VIOLATIONS:
                break
    if violations:
        raise InvalidRequestError(*violations)
    return tree


def insert_text(tree: Tree, message: Descriptor, name: str, text: str) -> None:
    """Put the value of a path's variable into the tree."""
    _insert(tree, message, name, text, ())


def _parameters(query: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMETERS)
    except UnicodeDecodeError:
        raise InvalidRequestError(FieldViolation(field="query", description="must be UTF-8, percent-encoded")) from None
    except ValueError:
        raise InvalidRequestError(
            FieldViolation(field="query", description=f"must have at most {MOST_PARAMETERS} parameters")
        ) from None


def _insert(tree: Tree, message: Descriptor, name: str, text: str, bound: Collection[str]) -> None:
    """Put one parameter in its place, making the objects on the way there."""
    *parents, last = (fields := _path(message, name))
    path = ".".join(field.name for field in fields)
    if path in bound:
        raise MismatchError("is given by the path already")
    for parent in parents:
        tree = tree.setdefault(parent.name, {})
        if not isinstance(tree, dict):  # a body may hold anything in the place of a path variable's parent
            raise MismatchError(f"needs {parent.name} to be an object")
    value = _value(last, text)
    if last.is_repeated:
        tree.setdefault(last.name, []).append(value)
    elif tree.get(last.name) is not None:
        raise MismatchError(f"is given more than once{_advice(last)}")
    else:
        tree[last.name] = value


def _path(message: Descriptor, name: str) -> list[FieldDescriptor]:
    """The fields along a dotted name, all but the last of them plain messages."""
    fields: list[FieldDescriptor] = []
    inner: Descriptor | None = message
    for part in name.split("."):
        if inner is None or (fields and not _has_parts(fields[-1])):
            raise MismatchError(f"is not known: {fields[-1].name} has no fields that a query can give")
        known = by_any_name(inner)
        if part not in known:
            raise MismatchError(not_known(part, inner))
        fields.append(known[part])
        inner = fields[-1].message_type
    return fields


def _has_parts(field: FieldDescriptor) -> bool:
    return not field.is_repeated and field.message_type is not None and not _is_value(field.message_type)


def _is_value(message: Descriptor) -> bool:
    return is_text(message) or is_wrapper(message)


def _value(field: FieldDescriptor, text: str) -> Any:  # noqa: ANN401 - what JSON would hold in its place
    message = field.message_type
    if message is not None and (not _is_value(message)):
        raise MismatchError("cannot be given in a query" + ("" if field.is_repeated else "; its fields can, dotted"))
    scalar = message.fields_by_name["value"] if message is not None and is_wrapper(message) else field
    return from_text(scalar, text) if scalar.enum_type is None else _with_prefix(scalar.enum_type, text)


def _with_prefix(enum: EnumDescriptor, text: str) -> str:
    """The full name of an enum's value, if the text is one without the prefix that all its names share."""
    full = f"{_prefix(enum)}{text}"
    return full if text not in enum.values_by_name and full in enum.values_by_name else text


def _prefix(enum: EnumDescriptor) -> str:
    """`FRESHNESS_` of Freshness: by buf's rule the zero value is the prefix and `UNSPECIFIED`."""
    return str(enum.values[0].name).removesuffix("UNSPECIFIED")


def _advice(field: FieldDescriptor) -> str:
    mask = field.message_type is not None and field.message_type.full_name == "google.protobuf.FieldMask"
    return "; separate its paths by commas" if mask else ""
