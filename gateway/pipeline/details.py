"""What a status carries besides its text, kept so small that it always arrives.

gRPC sends a status as headers, and a peer that gets more than 8 KiB of them drops the whole status, so details are cut.
"""

from collections.abc import Sequence
from urllib.parse import quote

from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status

from unified.analytics.v1.outcome_pb2 import SourceOutcome

MOST_BYTES = 4096
"""A status is at most as large as this, encoded."""

_LONGEST_MESSAGE = 1024
_ROOM_FOR_VIOLATIONS = 2048
_ROOM_FOR_NOTES = 64
_ELLIPSIS = "…"


def bounded(
    bare: Status,
    info: ErrorInfo,
    *,
    extras: Sequence[Message] = (),
    violations: Sequence[BadRequest.FieldViolation] = (),
    outcomes: Sequence[SourceOutcome] = (),
) -> Status:
    """The bare status with details, at most `MOST_BYTES`: the info, the violations, the extras, then the outcomes.

    What does not fit goes in this order: the outcomes' drift, then whole outcomes, the last first. Of the violations,
    the first 2 KiB are told. The info's metadata then says how many were left out, as `omitted_outcomes` and
    `omitted_violations`.
    """
    head = [*_bad_request(info, violations), *extras]
    bare = Status(code=bare.code, message=_cut(bare.message))
    status = _with_details(bare, [info, *head, *outcomes])
    if status.ByteSize() > MOST_BYTES:
        status = _with_details(bare, [info, *head, *map(_without_drift, outcomes)])
    if status.ByteSize() > MOST_BYTES:
        _drop_last(status, info, len(outcomes))
    return status


def reason_of(status: Status) -> str:
    """The reason in the details of a status that was made here; empty if there is none, as for OK."""
    info = ErrorInfo()
    return next((info.reason for detail in status.details if detail.Unpack(info)), "")


def _drop_last(status: Status, info: ErrorInfo, outcomes: int) -> None:
    """Take outcomes, which stand last, off the status, and note how many in its first detail."""
    omitted = 0
    while status.ByteSize() > MOST_BYTES - _ROOM_FOR_NOTES and omitted < outcomes:
        del status.details[-1]
        omitted += 1
    info.metadata["omitted_outcomes"] = str(omitted)
    status.details[0].Pack(info)


def _bad_request(info: ErrorInfo, violations: Sequence[BadRequest.FieldViolation]) -> list[BadRequest]:
    if not violations:
        return []
    told = BadRequest()
    for violation in violations:
        told.field_violations.append(violation)
        if told.ByteSize() > _ROOM_FOR_VIOLATIONS:
            del told.field_violations[-1]
            break
    if len(told.field_violations) < len(violations):
        info.metadata["omitted_violations"] = str(len(violations) - len(told.field_violations))
    return [told]


def _with_details(bare: Status, details: Sequence[Message]) -> Status:
    status = Status(code=bare.code, message=bare.message)
    for detail in details:
        status.details.add().Pack(detail)
    return status


def _without_drift(outcome: SourceOutcome) -> SourceOutcome:
    bare = SourceOutcome()
    bare.CopyFrom(outcome)
    bare.ClearField("drift")
    return bare


def _cut(message: str) -> str:
    """The message, short enough also as gRPC sends it, which is percent-encoded."""
    if len(quote(message)) <= _LONGEST_MESSAGE:
        return message
    message = message[:_LONGEST_MESSAGE]
    while len(quote(message)) > _LONGEST_MESSAGE:
        message = message[: len(message) * 9 // 10]
    return message + _ELLIPSIS
