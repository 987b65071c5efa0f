"""Reads the field masks of requests: which parts, or which fields, are wanted.

Paths are in snake case here; the pipeline spells them so.
"""

from collections.abc import Collection, Mapping, Sequence

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.pipeline.errors import FieldViolation, InvalidRequestError
from unified.analytics.v1 import account_pb2, outcome_pb2
from unified.analytics.v1.outcome_pb2 import Part

_FIELD = "read_mask"
_ACCOUNT = account_pb2.DESCRIPTOR.message_types_by_name["Account"]

_PARTS: Mapping[str, Part] = {
    "metrics": outcome_pb2.PART_METRICS,
    "time_series": outcome_pb2.PART_TIME_SERIES,
    "rankings": outcome_pb2.PART_RANKINGS,
    "accounts": outcome_pb2.PART_ACCOUNTS,
    "events": outcome_pb2.PART_EVENTS,
}


def overview_parts(paths: Sequence[str]) -> frozenset[Part]:
    """The parts of an overview that a mask names; empty for an empty mask.

    Raises:
        InvalidRequestError: a path is not one of the parts; paths within a part are not accepted.
    """
    strange = [path for path in paths if path not in _PARTS]
    if strange:
        raise _unknown(strange[0], _PARTS)
    return frozenset(_PARTS[path] for path in paths)


def account_paths(paths: Sequence[str]) -> frozenset[str]:
    """The fields of an `Account` that a mask names; empty for an empty mask.

    Maps, lists and times are wanted whole or not at all.

    Raises:
        InvalidRequestError: there is no field at a path.
    """
    for path in paths:
        _check(path)
    return frozenset(paths)


def _check(path: str) -> None:
    inside: Descriptor | None = _ACCOUNT
    for name in path.split("."):
        fields = inside.fields_by_name if inside is not None else {}
        if name not in fields:
            raise _unknown(path, fields)
        inside = _inside(fields[name])


def _inside(field: FieldDescriptor) -> Descriptor | None:
    """The message whose fields a path may go on with."""
    own = field.message_type is not None and field.message_type.file.package == _ACCOUNT.file.package
    return field.message_type if own and not field.is_repeated else None


def _unknown(path: str, known: Collection[str]) -> InvalidRequestError:
    there = f"there are: {', '.join(known)}" if known else "what stands before its last dot has no fields of its own"
    return InvalidRequestError(FieldViolation(field=_FIELD, description=f'"{path[:100]}" is unknown; {there}'))
