"""Failures as HTTP shows them: `application/problem+json`, with the `google.rpc.Status` inside."""

import math
from collections.abc import Mapping
from http import HTTPStatus
from urllib.parse import quote

from aiohttp import web
from google.rpc.error_details_pb2 import ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status
from grpc import StatusCode

from gateway.pipeline.errors import DOMAIN, Failure, to_failure
from gateway.rest.codec import JsonEncoder
from gateway.rest.errors import HttpError

MEDIA_TYPE = "application/problem+json"

HTTP_STATUSES: Mapping[StatusCode, int] = {
    StatusCode.CANCELLED: 499,
    StatusCode.UNKNOWN: 500,
    StatusCode.INVALID_ARGUMENT: 400,
    StatusCode.DEADLINE_EXCEEDED: 504,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.FAILED_PRECONDITION: 400,
    StatusCode.ABORTED: 409,
    StatusCode.OUT_OF_RANGE: 400,
    StatusCode.UNIMPLEMENTED: 501,
    StatusCode.INTERNAL: 500,
    StatusCode.UNAVAILABLE: 503,
    StatusCode.DATA_LOSS: 500,
    StatusCode.UNAUTHENTICATED: 401,
}
"""As https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto maps them."""

_NAMES: Mapping[int, str] = {code.value[0]: code.name for code in StatusCode}
RETRY_LATER = frozenset({429, 503})
"""The statuses that tell when to come back."""
_DEFAULT_WAIT = 5
"""Seconds after which to come back where nobody knows better: an upstream's restart takes about as long."""


class Problems:
    """Writes problems."""

    def __init__(self, encoder: JsonEncoder) -> None:
        self._encoder = encoder

    def of_failure(self, failure: Failure, request_id: str) -> web.Response:
        """The answer to a call that the pipeline let fail."""
        return self._response(failure.status, HTTP_STATUSES[failure.code], request_id, {})

    def of_error(self, error: Exception, request_id: str, failure: Failure | None = None) -> web.Response:
        """The answer to what was raised; `failure` is how the pipeline recorded it, if it did."""
        failure = to_failure(error, request_id) if failure is None else failure
        if not isinstance(error, HttpError):
            return self.of_failure(failure, request_id)
        return self._response(failure.status, error.http_status, request_id, error.headers)

    def in_stream(self, failure: Failure) -> bytes:
        """The last item of a stream that fails when its status has been sent already."""
        return self._encoder.encode_plain({"error": self._encoder.plain(failure.status)})

    def _response(self, status: Status, http: int, request_id: str, headers: Mapping[str, str]) -> web.Response:
        reason = _reason(status)
        body = {
            "type": _tag("reason", reason),
            "title": reason.replace("_", " ").capitalize(),
            "status": http,
            "detail": status.message,
            "instance": _tag("request", request_id),
            "error": self._encoder.plain(status),
        }
        return web.Response(
            status=http,
            reason=_phrase(http),
            body=self._encoder.encode_plain(body),
            content_type=MEDIA_TYPE,
            headers={"X-Request-Id": request_id, "Cache-Control": "no-store", **_retry_after(http, status), **headers},
        )


def _reason(status: Status) -> str:
    """The contract's ErrorReason, without its prefix."""
    info = ErrorInfo()
    return next((info.reason for detail in status.details if detail.Unpack(info)), _NAMES.get(status.code, "UNKNOWN"))


def _tag(what: str, value: str) -> str:
    """A name that no one need resolve, as RFC 9457, section 4, recommends: RFC 4151 says how it is made."""
    return f"tag:{DOMAIN},2026:{what}:{quote(value, safe='')}"


def _retry_after(http: int, status: Status) -> dict[str, str]:
    """Whole seconds, rounded up, from the status's RetryInfo if it has one."""
    if http not in RETRY_LATER:
        return {}
    info = RetryInfo()
    waits = [info.retry_delay.ToTimedelta().total_seconds() for detail in status.details if detail.Unpack(info)]
    return {"Retry-After": str(max(1, math.ceil(max(waits, default=_DEFAULT_WAIT))))}


def _phrase(http: int) -> str:
    return "Client Closed Request" if http not in {each.value for each in HTTPStatus} else HTTPStatus(http).phrase
