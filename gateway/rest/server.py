"""The HTTP server beneath the application: it answers in our form also what aiohttp refuses by itself."""

from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError, LineTooLong

from gateway.pipeline.request_id import request_id
from gateway.rest.errors import (
    AddressTooLongError,
    ContentCodingUnsupportedError,
    ExpectationFailedError,
    HeaderTooLongError,
    HttpInvalidError,
)
from gateway.rest.problems import Problems
from gateway.rest.server_log import server_logger

MOST_ADDRESS_BYTES = 8 * 1024
"""Of a path with its query. Proxies seldom let more through."""
MOST_HEADER_BYTES = 16 * 1024
"""Of one header. Not the number above: an error of aiohttp's tells by its limit only what was too long."""

PROBLEMS = web.AppKey("problems", Problems)
"""What writes the failures of an application."""


class Runner(web.AppRunner):
    """Runs an application that has its `PROBLEMS`."""

    def __init__(self, app: web.Application, *, shutdown_timeout: float) -> None:
        """`shutdown_timeout`: how long, in seconds, cleanup lets calls in flight finish."""
        super().__init__(app, shutdown_timeout=shutdown_timeout)

    async def _make_server(self) -> web.Server:
        """The application's server, but with connections of ours, which aiohttp has no setting for."""
        made = await super()._make_server()
        return _Server(made, self.app[PROBLEMS])


class _Server(web.Server):
    def __init__(self, of_application: web.Server, problems: Problems) -> None:
        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            try:
                return await of_application.request_handler(request)
            except web.HTTPExpectationFailed:  # the only one that aiohttp raises before the application is asked
                refusal = ExpectationFailedError("the only expectation that can be met is 100-continue")
                return problems.of_error(refusal, request_id(request.headers.get("X-Request-Id")))

        super().__init__(
            handle,
            request_factory=of_application.request_factory,
            handler_cancellation=True,  # of a client that left; off by default
            access_log=None,  # the log line per call is the pipeline's
            logger=server_logger(),
            max_line_size=MOST_ADDRESS_BYTES,
            max_field_size=MOST_HEADER_BYTES,
        )
        self._problems = problems

    def __call__(self) -> web.RequestHandler:
        """The other end of a new connection."""
        return _Connection(self, self._problems, loop=self._loop, **self._kwargs)


class _Connection(web.RequestHandler):
    def __init__(self, server: web.Server, problems: Problems, **options: Any) -> None:  # noqa: ANN401 - aiohttp's own
        super().__init__(server, **options)
        self._problems = problems

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The last answer on a connection that sent what cannot be parsed. aiohttp's own would repeat it."""
        super().handle_error(request, status, exc, message)  # logs, and raises if an answer has begun
        response = self._problems.of_error(_told(exc), request_id(None))
        harden(response)
        response.force_close()
        return response


def harden(response: web.StreamResponse) -> None:
    """Say who answers, rather than which version of which library; and that a body is what it says it is."""
    response.headers["Server"] = "analytics-gateway"
    response.headers["X-Content-Type-Options"] = "nosniff"


def _told(error: BaseException | None) -> Exception:
    """What to say of the error. None is aiohttp's word for a handler that ran out of time."""
    match error:
        case LineTooLong(args=(_, limit, *_)) if limit == MOST_ADDRESS_BYTES:
            return AddressTooLongError(
                f"the path with its query may have at most {limit} bytes; long filters belong in the body of a POST, "
                "where there is one that takes them"
            )
        case LineTooLong():
            return HeaderTooLongError(f"a header may have at most {MOST_HEADER_BYTES} bytes")
        case ContentEncodingError():  # one that aiohttp knows, and could read if something else were installed
            return ContentCodingUnsupportedError()
        case HttpProcessingError():
            return HttpInvalidError("this cannot be read as HTTP/1.1")
        case Exception():
            return error
        case _:
            return TimeoutError()
