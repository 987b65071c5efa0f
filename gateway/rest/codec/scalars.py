"""Single values of a request, read strictly: what they must be, or why they are not."""

import base64
import binascii
import math
import re
import struct
from collections.abc import Callable, Mapping

from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor

from gateway.rest.codec.names import nearest, shortened


class MismatchError(ValueError):
    """A value is not what its field needs. The text says what would be right, and shows no text value."""


_INTEGER = re.compile(r"-?[0-9]{1,20}")
_NUMBER = re.compile(r"-?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]*={0,2}")
_RANGES: Mapping[int, tuple[int, int]] = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_WIDE = frozenset({FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64})
"""JSON shows these in quotes: JavaScript's numbers have only 53 bits."""
_FRACTIONS = frozenset({FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE})
_BOOLEANS = {"true": True, "false": False}
_SPECIAL_NUMBERS = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def read_scalar(field: FieldDescriptor, value: object) -> str | bytes | float | bool:
    """The value of a scalar or enum field, from what JSON holds in its place.

    It is read in the form in which answers show it, and no other: an enum is a name, a 32-bit integer or a fraction a
    number. Proto3 JSON lets a reader take an enum's number and a number in quotes, too; the OpenAPI document does not.

    Raises:
        MismatchError: it is of another kind, or out of range.
    """
    if field.enum_type is not None:
        return _enum(field.enum_type, value)
    if field.cpp_type in _RANGES:
        return _integer(value, *_RANGES[field.cpp_type], quoted=field.cpp_type in _WIDE)
    if field.type == FieldDescriptor.TYPE_BYTES:
        return _bytes(value)
    return _READERS[field.cpp_type](value)


def from_text(field: FieldDescriptor, text: str) -> object:
    """What JSON would hold where a query, a path or a map's key has text; the text itself if it is of no such form."""
    if field.enum_type is not None:
        return text
    if field.type == FieldDescriptor.TYPE_BOOL:
        return _BOOLEANS.get(text, text)
    if field.cpp_type in _RANGES and _INTEGER.fullmatch(text):
        return int(text)
    if field.cpp_type in _FRACTIONS and _NUMBER.fullmatch(text):
        return float(text)
    return text


def kind(value: object) -> str:
    """What JSON calls a value of this type."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list():
            return "an array"
        case _:
            return "an object"


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise MismatchError(f"must be a string, not {kind(value)}")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise MismatchError("must be text; it holds half of a surrogate pair") from None
    return value


def _bytes(value: object) -> bytes:
    if not isinstance(value, str) or not _BASE64.fullmatch(value):
        raise MismatchError("must be a string in base64")
    text = value.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except binascii.Error:
        raise MismatchError("must be a string in base64; this one is cut short") from None


def _bool(value: object) -> bool:
    if not isinstance(value, bool):
        raise MismatchError(f"must be true or false, not {_shown(value)}")
    return value


def _integer(value: object, least: int, most: int, *, quoted: bool) -> int:
    number = _as_integer(int(value) if quoted and isinstance(value, str) and _INTEGER.fullmatch(value) else value)
    if number is None or not least <= number <= most:
        raise MismatchError(f"must be an integer from {least} to {most}, not {_shown(value)}")
    return number


def _as_integer(value: object) -> int | None:
    """The integer that a number is; 1.0 and 1e3 are, too."""
    match value:
        case bool():
            return None
        case int():
            return value
        case float() if value.is_integer():
            return int(value)
        case _:
            return None


def _double(value: object) -> float:
    number = _as_double(value)
    if number is None:
        raise MismatchError(f'must be a number, "NaN", "Infinity" or "-Infinity", not {_shown(value)}')
    return number


def _as_double(value: object) -> float | None:
    match value:
        case str() if value in _SPECIAL_NUMBERS:
            return _SPECIAL_NUMBERS[value]
        case bool():
            return None
        case int() | float():
            return _finite(value)
        case _:
            return None


def _finite(value: float) -> float | None:
    """The number; None if it is too large for a double, which would make it infinite unasked."""
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _float(value: object) -> float:
    number = _double(value)
    try:
        struct.pack("<f", number)
    except OverflowError:
        raise MismatchError(f"must be a number of single precision, not {_shown(value)}") from None
    return number


def _enum(enum: EnumDescriptor, value: object) -> int:
    if isinstance(value, str) and value in enum.values_by_name:
        return int(enum.values_by_name[value].number)
    names = [entry.name for entry in enum.values]
    raise MismatchError(f"must be one of {', '.join(names)}, not {_shown(value)}{nearest(str(value), names)}")


def _shown(value: object) -> str:
    return shortened(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else kind(value)


_READERS: Mapping[int, Callable[[object], str | float | bool]] = {
    FieldDescriptor.CPPTYPE_STRING: _string,
    FieldDescriptor.CPPTYPE_BOOL: _bool,
    FieldDescriptor.CPPTYPE_DOUBLE: _double,
    FieldDescriptor.CPPTYPE_FLOAT: _float,
}
