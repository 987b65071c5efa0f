"""What can go wrong with HTTP itself, before there is a call."""

from collections.abc import Iterable, Mapping
from typing import ClassVar

import grpc

from gateway.pipeline.errors import CallError


class HttpError(CallError):
    """A request that HTTP has a status of its own for."""

    http_status: ClassVar[int]
    headers: Mapping[str, str] = {}
    """What the answer has to carry besides."""


class PathUnknownError(HttpError):
    """No such path."""

    http_status = 404
    code = grpc.StatusCode.NOT_FOUND
    reason = "PATH_UNKNOWN"


class MethodNotAllowedError(HttpError):
    """The path exists for other methods."""

    http_status = 405
    code = grpc.StatusCode.UNIMPLEMENTED
    reason = "METHOD_NOT_ALLOWED"

    def __init__(self, verb: str, allowed: Iterable[str]) -> None:
        """Say which are allowed; HEAD is where GET is."""
        verbs = sorted({*allowed, *(["HEAD"] if "GET" in allowed else [])})
        super().__init__(f"this path is not for {verb[:32]}; allowed: {', '.join(verbs)}")
        self.headers = {"Allow": ", ".join(verbs)}


class NotAcceptableError(HttpError):
    """Nothing that the client accepts can be sent."""

    http_status = 406
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "NOT_ACCEPTABLE"


class BodyTooLargeError(HttpError):
    """The body exceeds the limit."""

    http_status = 413
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "BODY_TOO_LARGE"


class MediaTypeUnsupportedError(HttpError):
    """The body is not JSON, or says that it is not."""

    http_status = 415
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "MEDIA_TYPE_UNSUPPORTED"


class ContentCodingUnsupportedError(MediaTypeUnsupportedError):
    """The body is compressed in a way that is not read."""

    headers: Mapping[str, str] = {"Accept-Encoding": "gzip, deflate"}

    def __init__(self) -> None:
        """Say which are."""
        super().__init__("the body may be compressed by gzip or deflate, or not at all")


class HttpInvalidError(HttpError):
    """What was sent cannot be read as HTTP."""

    http_status = 400
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "HTTP_INVALID"


class AddressTooLongError(HttpError):
    """The path and the query exceed the limit."""

    http_status = 414
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "ADDRESS_TOO_LONG"


class ExpectationFailedError(HttpError):
    """The client expects something else of the server than to be told to continue."""

    http_status = 417
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "EXPECTATION_FAILED"


class HeaderTooLongError(HttpError):
    """A header exceeds the limit, or there are too many."""

    http_status = 431
    code = grpc.StatusCode.INVALID_ARGUMENT
    reason = "HEADER_TOO_LONG"
