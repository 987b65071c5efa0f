"""What an answer may look like, learnt from the type that it is to be read as."""

from dataclasses import dataclass
from functools import cache
from typing import Any, get_args, get_origin

import msgspec
from msgspec import Struct

from adapters.transport.decoding.twins import is_struct, lenient, members


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """What may stand at one place of an answer: a scalar, and where they are not None, an object or array of such."""

    decoder: "msgspec.json.Decoder[Any]"
    """Reads what fits, where only types count: unknown fields are ignored, and missing ones are null."""
    is_integer: bool
    """Whether a whole number fits."""
    record: "Record | None"
    """An object with known fields."""
    values: "Shape | None"
    """An object with any fields and such values."""
    items: "Shape | None"
    """An array of such items."""
    has_fields: bool
    """Whether there are known fields here or below."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Record:
    """The known fields of an object, by their name in the upstream's spelling."""

    type: type[Struct]
    """Has a default for every field: the declared one, else null."""
    attributes: dict[str, str]
    """What the struct calls each field."""
    fields: dict[str, Shape]
    promised: frozenset[str]
    """The fields that were declared without a default."""
    inner: dict[str, Shape]
    """The fields that have known fields below them."""


def shape_of(declared: object) -> Shape:
    """The shape of a type made of structs, lists, dicts with `str` keys, scalars, and unions; never recursive.

    Raises:
        TypeError: a field of a struct does not admit None.
    """
    record = values = items = None
    kinds = tuple(members(declared))
    for kind in kinds:
        if is_struct(kind):
            record = _record(kind)
        elif get_origin(kind) is list:
            items = shape_of(get_args(kind)[0])
        elif get_origin(kind) is dict:
            values = shape_of(get_args(kind)[1])
    return Shape(
        decoder=msgspec.json.Decoder(lenient(declared)),
        is_integer=int in kinds,
        record=record,
        values=values,
        items=items,
        has_fields=record is not None or any(below is not None and below.has_fields for below in (values, items)),
    )


@cache
def _record(struct: type[Struct]) -> Record:
    fields = msgspec.structs.fields(struct)
    shapes = {field.encode_name: shape_of(field.type) for field in fields}
    return Record(
        type=lenient(struct),
        attributes={field.encode_name: field.name for field in fields},
        fields=shapes,
        promised=frozenset(field.encode_name for field in fields if field.required),
        inner={name: shape for name, shape in shapes.items() if shape.has_fields},
    )
