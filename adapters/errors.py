"""What can go wrong with a source: who failed, why, and whether asking again may help."""

from datetime import timedelta
from typing import ClassVar


class SourceError(Exception):
    """A source could not answer.

    The text is shown to callers: it says what happened and what would help, and never holds a secret, a body, or
    anything that the upstream wrote, save a version or the name of a state that was found to look like one.
    """

    retryable: ClassVar[bool] = False
    """Whether the same request may succeed when it is sent again."""
    reason: ClassVar[str] = "UPSTREAM_FAILED"
    """The `ErrorReason` of the contract, without its prefix."""

    def __init__(self, message: str, *, retry_after: timedelta | None = None) -> None:
        """Say what happened; `retry_after` is the upstream's own word on when to come back."""
        super().__init__(message)
        self.retry_after = retry_after


# We could not ask.


class UnreachableError(SourceError):
    """No connection, or one that broke: name, TCP, TLS, or a body that ended too soon."""

    retryable = True
    reason = "UPSTREAM_UNREACHABLE"


class UpstreamTimeoutError(SourceError):
    """No answer in the time that one attempt, or the whole call, had."""

    retryable = True
    reason = "UPSTREAM_TIMEOUT"
    waited: timedelta | None = None
    """How long a request was waited for, to the millisecond; None if it was not one request that took too long."""


# The upstream said no.


class RateLimitedError(SourceError):
    """429: asked too often."""

    retryable = True
    reason = "UPSTREAM_RATE_LIMITED"


class UpstreamFailedError(SourceError):
    """408 or 5xx: the upstream failed inside."""

    retryable = True
    reason = "UPSTREAM_FAILED"


class CredentialRefusedError(SourceError):
    """401: the credential is not, or no longer, accepted."""

    reason = "UPSTREAM_CREDENTIAL_REFUSED"


class PermissionRefusedError(SourceError):
    """403: the credential lacks a right."""

    reason = "UPSTREAM_PERMISSION_REFUSED"


class UpstreamNotFoundError(SourceError):
    """404 or 405: an older release without the method, or a wrong address."""

    reason = "UPSTREAM_NOT_FOUND"


class MisdirectedError(SourceError):
    """421: the tenant lives on another host."""

    reason = "UPSTREAM_MISDIRECTED"


class TenantUnavailableError(SourceError):
    """The upstream's operator says that our tenant is not served at present: suspended, in maintenance, being moved."""

    reason = "UPSTREAM_TENANT_UNAVAILABLE"


class RequestRefusedError(SourceError):
    """Any other 4xx: the upstream did not accept our request."""

    reason = "UPSTREAM_REQUEST_REFUSED"


class RedirectedError(SourceError):
    """3xx: we do not follow redirects, which could carry the credential to another host."""

    reason = "UPSTREAM_REDIRECTED"


class ReportedFailureError(SourceError):
    """A failure dressed as success, such as 200 with `null`."""

    reason = "UPSTREAM_REPORTED_FAILURE"


# The upstream made no sense.


class InvalidResponseError(SourceError):
    """An answer that is not what is documented, and of no use without what it lacks."""

    reason = "UPSTREAM_RESPONSE_INVALID"


class ResponseTooLargeError(SourceError):
    """A body over the size limit."""

    reason = "UPSTREAM_RESPONSE_TOO_LARGE"


class InconsistentPagesError(SourceError):
    """Pages that repeat or never end."""

    reason = "UPSTREAM_PAGES_INCONSISTENT"


# The question cannot be put to this source.


class BeyondHorizonError(SourceError):
    """The window reaches back further than the source keeps its data."""

    reason = "WINDOW_BEYOND_HORIZON"


class QuestionNotSupportedError(SourceError):
    """The source has no answer to this form of the question."""

    reason = "QUESTION_NOT_SUPPORTED"


class CacheMissError(SourceError):
    """Nothing is at hand, and asking was not allowed."""

    reason = "CACHE_MISS"


class NotAskedError(SourceError):
    """What is at hand is no longer fresh, and asking was not allowed. Told of an answer that is served all the same."""

    reason = "UPSTREAM_NOT_ASKED"


# We did not ask, so as to spare the upstream or ourselves. None of these is the upstream's failure.


class RefusedError(SourceError):
    """A protection of ours refused. `retry_after` says when it may be otherwise."""


class CircuitOpenError(RefusedError):
    """Too many of the latest requests failed."""

    reason = "CIRCUIT_OPEN"


class BulkheadFullError(RefusedError):
    """As many questions as are allowed are being asked, and as many as may do so are waiting."""

    reason = "BULKHEAD_FULL"


class RateLimitReachedError(RefusedError):
    """The next request that our own rate limit allows comes too late for the call."""

    reason = "RATE_LIMIT_REACHED"


# The upstream answered, but not everything. Told of the part that is missing, never of an answer as a whole.


class AnswerTruncatedError(SourceError):
    """What was asked for was read only in part, within our own limits."""

    reason = "ANSWER_TRUNCATED"


class AnswerHurriedError(AnswerTruncatedError):
    """What was asked for was read only in part, for want of time: another call may get more."""


class AnswerIncompleteError(SourceError):
    """The upstream left out something that was asked for."""

    reason = "ANSWER_INCOMPLETE"


class InvalidPositionError(ValueError):
    """A position in the events that this source did not give out: the caller's token is at fault, not the source."""
