"""Twins of wire structs: subclasses that let more pass than the declared ones, or less."""

from collections.abc import Iterator
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeGuard, Union, get_args, get_origin

import msgspec
from msgspec import NODEFAULT, Meta, Raw, Struct
from msgspec.structs import FieldInfo, asdict, astuple

_INTEGER = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""Any that the contract can hold: a longer number is of the wrong type here, rather than a surprise further in."""


def strict(declared: object) -> Any:  # noqa: ANN401 - a type, or a union or alias of some
    """The declared type, where every struct is replaced by a twin that refuses unknown fields."""
    return _with_twins(declared, strict=True)


def lenient(declared: object) -> Any:  # noqa: ANN401 - a type, or a union or alias of some
    """The declared type, where every struct is replaced by a twin that requires no field: what is missing is null."""
    return _with_twins(declared, strict=False)


def members(declared: object) -> Iterator[Any]:
    """The members of a union, without their annotations; a type that is no union is its own only member."""
    if get_origin(declared) in {Union, UnionType}:
        for member in get_args(declared):
            yield from members(member)
    elif get_origin(declared) is Annotated:
        yield from members(get_args(declared)[0])
    else:
        yield declared


def is_struct(declared: object) -> TypeGuard[type[Struct]]:
    """Whether this is a struct, and not an alias that stands for several things."""
    return isinstance(declared, type) and issubclass(declared, Struct)


def _with_twins(declared: object, *, strict: bool) -> Any:  # noqa: ANN401 - a type, or a union or alias of some
    if declared is int:
        return _INTEGER
    if is_struct(declared):
        return _twin(declared, strict=strict)
    origin, inner = get_origin(declared), get_args(declared)
    if origin in {Union, UnionType}:
        return Union[  # noqa: UP007 - of as many members as there are
            tuple(_with_twins(member, strict=strict) for member in inner)
        ]
    if origin in {list, dict}:
        return origin[tuple(_with_twins(argument, strict=strict) for argument in inner)]
    return declared


@cache
def _twin(struct: type[Struct], *, strict: bool) -> type[Struct]:
    """Differs from the struct only in what it reads, so that whoever handles an instance never notices."""

    def equal(this: Struct, other: object) -> bool:
        # msgspec's own equality wants the very same class, and its hash differs from class to class.
        return isinstance(other, struct) and astuple(this) == astuple(other)

    def unequal(this: Struct, other: object) -> bool:
        return not equal(this, other)

    def hashed(this: Struct) -> int:
        return hash(struct(**asdict(this)))

    fields = msgspec.structs.fields(struct)
    return msgspec.defstruct(
        struct.__name__,
        [
            (field.name, _with_twins(field.type, strict=strict), _default(struct, field, strict=strict))
            for field in fields
        ],
        bases=(struct,),
        module=struct.__module__,
        namespace={"__eq__": equal, "__ne__": unequal, "__hash__": hashed},
        rename={field.name: field.encode_name for field in fields},
        forbid_unknown_fields=strict,
        kw_only=True,
    )


def _default(struct: type[Struct], field: FieldInfo, *, strict: bool) -> Any:  # noqa: ANN401 - of any type
    kinds = set(members(field.type))
    if not kinds & {NoneType, Any, Raw}:
        raise TypeError(f"{struct.__name__}.{field.name} must admit None, for there may be null, or nonsense")
    if Raw in kinds and len(kinds) > 1:
        raise TypeError(f"{struct.__name__}.{field.name} must be Raw alone, which admits null: unions lose it")
    if field.default_factory is not NODEFAULT:
        return msgspec.field(default_factory=field.default_factory)
    if field.required and not strict:
        return Raw(b"null") if field.type is Raw else None
    return field.default
