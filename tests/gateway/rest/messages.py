"""Any message of a descriptor, as Hypothesis makes it."""

import json
import math
from datetime import UTC, datetime
from typing import Any

from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.error_details_pb2 import ErrorInfo
from hypothesis import strategies as st

from gateway.contract import is_embedded_json
from gateway.rest.codec.names import map_entry

_DEEPEST = 3
_MOST_FIELDS = 8
_OLDEST = int(datetime(1, 1, 1, tzinfo=UTC).timestamp())
_NEWEST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())

_names = st.from_regex(r"[a-z]{1,8}(_[a-z]{1,8}){0,2}", fullmatch=True)
_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
_nanos = st.one_of(
    st.just(0),
    st.integers(0, 999).map(lambda milli: milli * 1_000_000),
    st.integers(0, 999_999).map(lambda micro: micro * 1_000),
    st.integers(0, 999_999_999),
)


def messages(descriptor: Descriptor, depth: int = 0) -> st.SearchStrategy[Any]:
    """Messages with any of their fields set, and values from the whole range of each."""
    known = _WELL_KNOWN.get(descriptor.full_name)
    if known is not None:
        return known
    fields = [field for field in descriptor.fields if depth < _DEEPEST or field.message_type is None]
    if not fields:
        return st.builds(GetMessageClass(descriptor))
    some = st.lists(st.sampled_from(fields), unique=True, max_size=_MOST_FIELDS)
    return some.flatmap(
        lambda chosen: st.fixed_dictionaries({field.name: _values(field, depth) for field in chosen}).map(
            lambda values: _built(descriptor, values)
        )
    )


def _built(descriptor: Descriptor, fields: dict[str, Any]) -> Message:
    message: Any = GetMessageClass(descriptor)()
    for name, value in fields.items():
        oneof = descriptor.fields_by_name[name].containing_oneof
        if oneof is None or message.WhichOneof(oneof.name) is None:
            _set(message, name, value)
    return message  # type: ignore[no-any-return]  # it is one


def _set(message: Any, name: str, value: Any) -> None:  # noqa: ANN401 - any field of any message
    match value:
        case Message():
            getattr(message, name).CopyFrom(value)
        case dict():
            target = getattr(message, name)
            for key, each in value.items():
                target[key].CopyFrom(each) if isinstance(each, Message) else target.update({key: each})
        case list():
            getattr(message, name).extend(value)
        case _:
            setattr(message, name, value)


def _values(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    entry = map_entry(field)
    if entry is not None:
        key, value = entry.fields_by_name["key"], entry.fields_by_name["value"]
        return st.dictionaries(_single(key, depth), _single(value, depth), max_size=2)
    single = _single(field, depth)
    return st.lists(single, max_size=3) if field.is_repeated else single


def _single(field: FieldDescriptor, depth: int) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        return messages(field.message_type, depth + 1)
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values])
    if is_embedded_json(field):
        return _json.map(json.dumps) | _json.map(lambda value: json.dumps(value, indent=1, ensure_ascii=False))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(max_size=8)
    return _SCALARS[field.cpp_type]


_SCALARS: dict[int, st.SearchStrategy[Any]] = {
    FieldDescriptor.CPPTYPE_BOOL: st.booleans(),
    FieldDescriptor.CPPTYPE_DOUBLE: st.floats(allow_nan=False) | st.just(math.nan),
    FieldDescriptor.CPPTYPE_FLOAT: st.floats(allow_nan=False, width=32) | st.just(math.nan),
    FieldDescriptor.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_STRING: st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
    FieldDescriptor.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
}


def _made(full_name: str, **fields: Any) -> Message:  # noqa: ANN401 - any field
    module = {"Duration": "duration_pb2", "FieldMask": "field_mask_pb2", "Struct": "struct_pb2", "Value": "struct_pb2"}
    message: Message = getattr(__import__(f"google.protobuf.{module[full_name]}", fromlist=["x"]), full_name)(**fields)
    return message


def _struct(value: dict[str, Any]) -> Message:
    struct: Any = _made("Struct")
    struct.update(value)
    return struct  # type: ignore[no-any-return]  # it is one


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed


_WELL_KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "google.protobuf.Any": st.one_of(
        st.builds(AnyMessage),
        st.builds(lambda reason: _packed(ErrorInfo(reason=reason)), _names),
        st.builds(lambda seconds: _packed(Timestamp(seconds=seconds)), st.integers(0, _NEWEST)),
    ),
    "google.protobuf.Duration": st.builds(
        lambda seconds, nanos, sign: _made("Duration", seconds=seconds * sign, nanos=nanos * sign),
        st.integers(0, 315_576_000_000 - 1),
        _nanos,
        st.sampled_from([1, -1]),
    ),
    "google.protobuf.FieldMask": st.builds(
        lambda paths: _made("FieldMask", paths=paths), st.lists(st.lists(_names, min_size=1, max_size=2).map(".".join))
    ),
    "google.protobuf.Struct": st.dictionaries(_names, st.booleans() | st.text() | st.just(1.5), max_size=2).map(
        _struct
    ),
    "google.protobuf.Timestamp": st.builds(Timestamp, seconds=st.integers(_OLDEST, _NEWEST), nanos=_nanos),
    "google.protobuf.Value": st.builds(lambda text: _made("Value", string_value=text), st.text()),
}
