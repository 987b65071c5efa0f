"""Every way in which a call fails, and the one table that turns it into a status."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import grpc
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

from adapters.errors import (
    AnswerTruncatedError,
    BeyondHorizonError,
    BulkheadFullError,
    QuestionNotSupportedError,
    RateLimitedError,
    RateLimitReachedError,
    SourceError,
    UpstreamTimeoutError,
)
from gateway.pipeline.details import bounded
from unified.analytics.v1.outcome_pb2 import SourceOutcome

DOMAIN = "analytics-gateway"
"""The domain of every `google.rpc.ErrorInfo` that the gateway makes."""


class CallError(Exception):
    """A call fails. The text is shown to the caller: it says what would help, and holds no secret."""

    code: ClassVar[grpc.StatusCode]
    reason: ClassVar[str]
    """The `ErrorReason` of the contract, without its prefix."""
    retry_after: timedelta | None = None
    """When to come back, if that is known."""
    violations: tuple["FieldViolation", ...] = ()
    """The fields that are not valid."""
    outcomes: tuple[SourceOutcome, ...] = ()
    """What became of each source asked, where that is why the call fails."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldViolation:
    """One field that is not valid."""

    field: str
    """Path in the contract's snake case, such as `event_names[3]`."""
    description: str
    """What is wrong with which value, and what would be right."""

    def __str__(self) -> str:
        """Both in one line. What is wrong as a whole has no path."""
        return f"{self.field}: {self.description}" if self.field else self.description


class InvalidRequestError(CallError):
    """Something in the request is not valid."""

    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "REQUEST_INVALID"

    def __init__(self, *violations: FieldViolation) -> None:
        """Name the fields, at least one."""
        super().__init__("; ".join(map(str, violations)))
        self.violations = violations


class UnknownSourceError(InvalidRequestError):
    """A source named in the request does not exist."""

    reason = "SOURCE_UNKNOWN"


class SourceCannotAnswerError(InvalidRequestError):
    """A source named in the request cannot answer this method."""

    reason = "SOURCE_CANNOT_ANSWER"


class InvalidTokenError(InvalidRequestError):
    """A page or resume token is damaged, or of another version."""

    reason = "TOKEN_INVALID"


class TokenMismatchError(InvalidRequestError):
    """A page or resume token belongs to another query."""

    reason = "TOKEN_MISMATCH"


class SourceNotFoundError(CallError):
    """A source named in the path does not exist."""

    code = grpc.StatusCode.NOT_FOUND
    reason = "SOURCE_UNKNOWN"


class RankingNotFoundError(CallError):
    """A ranking named in the path does not exist."""

    code = grpc.StatusCode.NOT_FOUND
    reason = "RANKING_UNKNOWN"


class NoSourceCanAnswerError(CallError):
    """No configured source can answer this method."""

    code = grpc.StatusCode.FAILED_PRECONDITION
    reason = "NO_SOURCE_CAN_ANSWER"


class SourcesFailedError(CallError):
    """The sources that count did not answer. Their outcomes ride in the details of the status."""

    code = grpc.StatusCode.UNAVAILABLE
    reason = "ALL_SOURCES_FAILED"

    def __init__(self, message: str, outcomes: Sequence[SourceOutcome]) -> None:
        """Say which, and what became of each."""
        super().__init__(message)
        self.outcomes = tuple(outcomes)
        self.retry_after = _longest_wait(self.outcomes)


class RequiredSourceFailedError(SourcesFailedError):
    """A source that the request requires did not answer."""

    reason = "REQUIRED_SOURCE_FAILED"


class SourcesTimedOutError(SourcesFailedError):
    """All sources ran out of time."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED
    reason = "DEADLINE_EXCEEDED"


class QuestionOutOfRangeError(SourcesFailedError):
    """The sources that count can't answer this very question, now or later: asking again is in vain."""

    code = grpc.StatusCode.OUT_OF_RANGE
    reason = "QUESTION_OUT_OF_RANGE"

    def __init__(self, message: str, outcomes: Sequence[SourceOutcome]) -> None:
        """Say which, and what became of each; that another upstream wants to be asked later is beside the point."""
        super().__init__(message, outcomes)
        self.retry_after = None


class DeadlineExceededError(CallError):
    """The call's deadline passed before anything could be told."""

    code = grpc.StatusCode.DEADLINE_EXCEEDED
    reason = "DEADLINE_EXCEEDED"


class OverloadedError(CallError):
    """The gateway has as many calls under way as it takes."""

    code = grpc.StatusCode.RESOURCE_EXHAUSTED
    reason = "OVERLOADED"
    retry_after = timedelta(seconds=1)


class CallCancelledError(CallError):
    """The caller left, or the gateway stopped before the call was done. Nobody is told; the log is."""

    code = grpc.StatusCode.CANCELLED
    reason = "CALL_CANCELLED"


class InternalError(CallError):
    """A fault of the gateway. What it was stands in the log only."""

    code = grpc.StatusCode.INTERNAL
    reason = "INTERNAL"


class Failure(Exception):  # noqa: N818 - it is how a call ends, not what went wrong
    """A call fails, and this is all that its caller is told. The only exception that a front meets."""

    def __init__(self, status: Status, code: grpc.StatusCode) -> None:
        """Carry the status, at most 4 KiB encoded, and its code."""
        super().__init__(f"{code.name}: {status.message}")
        self.status = status
        self.code = code


def to_failure(error: BaseException, request_id: str) -> Failure:
    """How a call ends that raised `error`."""
    told = to_call_error(error, request_id)
    return Failure(to_status(told, request_id), told.code)


def to_status(error: BaseException, request_id: str) -> Status:
    """The one table from what was raised to what the caller is told.

    The text of an error that is not a CallError never leaves: it was not written for callers.
    """
    told = to_call_error(error, request_id)
    extras = [] if told.retry_after is None else [_retry_info(told.retry_after)]
    return bounded(
        Status(code=told.code.value[0], message=str(told)),
        ErrorInfo(reason=told.reason, domain=DOMAIN),
        extras=extras,
        violations=[BadRequest.FieldViolation(field=v.field, description=v.description) for v in told.violations],
        outcomes=told.outcomes,
    )


def to_call_error(error: BaseException, request_id: str) -> CallError:
    """What a caller is told of `error`: itself if it was written for callers."""
    match error:
        case CallError():
            return error
        case TimeoutError():
            return DeadlineExceededError(
                "the deadline passed before anything could be answered; allow the call more time"
            )
        case _:
            return InternalError(f"a fault of the gateway; its log says more under the request id {request_id}")


def source_status(error: Exception, *, source: str, kind: str) -> Status:
    """Why a source gave no answer, or not all of it, as its outcome tells.

    The text of an error that is not a SourceError never leaves: it is a fault in the adapter, not written for callers.
    """
    if not isinstance(error, SourceError):
        error = _AdapterFaultError("The gateway's adapter for this source failed; the gateway's log says more.")
    code = next((_SOURCE_CODES[kind] for kind in type(error).__mro__ if kind in _SOURCE_CODES), _OTHER_SOURCE_CODE)
    extras = [] if error.retry_after is None else [_retry_info(error.retry_after)]
    info = ErrorInfo(reason=error.reason, domain=DOMAIN, metadata={"source": source, "kind": kind})
    return bounded(Status(code=code.value[0], message=str(error)), info, extras=extras)


class _AdapterFaultError(SourceError):
    """Stands for what an adapter should never raise."""

    reason = InternalError.reason


# Of each kind of error with those derived from it.
_SOURCE_CODES: dict[type, grpc.StatusCode] = {
    UpstreamTimeoutError: grpc.StatusCode.DEADLINE_EXCEEDED,
    RateLimitedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    RateLimitReachedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    BulkheadFullError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    AnswerTruncatedError: grpc.StatusCode.RESOURCE_EXHAUSTED,
    BeyondHorizonError: grpc.StatusCode.OUT_OF_RANGE,
    QuestionNotSupportedError: grpc.StatusCode.UNIMPLEMENTED,
    _AdapterFaultError: grpc.StatusCode.INTERNAL,
}
# An upstream's refusal of our credential is not a refusal of the caller's.
_OTHER_SOURCE_CODE = grpc.StatusCode.UNAVAILABLE


def _retry_info(wait: timedelta) -> RetryInfo:
    delay = Duration()
    delay.FromTimedelta(wait)
    return RetryInfo(retry_delay=delay)


def _longest_wait(outcomes: Sequence[SourceOutcome]) -> timedelta | None:
    """When all upstreams that named a time want to be asked again."""
    waits = []
    for detail in (detail for outcome in outcomes for detail in outcome.status.details):
        retry = RetryInfo()
        if detail.Unpack(retry):
            waits.append(retry.retry_delay.ToTimedelta())
    return max(waits, default=None)
