"""Finds what became of each source, and why, in answers and in the statuses of calls that failed."""

from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status

from unified.analytics.v1.outcome_pb2 import SourceOutcome

ANSWERED, FAILED, TIMED_OUT = (
    SourceOutcome.STATE_ANSWERED,
    SourceOutcome.STATE_FAILED,
    SourceOutcome.STATE_TIMED_OUT,
)


def outcomes(answer: Message) -> dict[str, SourceOutcome]:
    """Those of an answer of one part, by source."""
    return {outcome.source: outcome for outcome in getattr(answer, "outcomes", ())}


def reason(status: Status) -> str:
    """That of the status's `ErrorInfo`."""
    info = ErrorInfo()
    assert any(detail.Unpack(info) for detail in status.details)
    assert "analytics-gateway" == info.domain
    return info.reason


def told_outcomes(status: Status) -> dict[str, SourceOutcome]:
    """Those among the status's details."""
    found = [SourceOutcome() for _ in status.details]
    return {
        outcome.source: outcome for outcome, detail in zip(found, status.details, strict=True) if detail.Unpack(outcome)
    }
