"""The HTTP server: it answers in our form also what aiohttp refuses by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import ContentEncodingError, HttpProcessingError, LineTooLong

from gateway.pipeline.request_id import request_id
from gateway.rest.ageing import Ages
from gateway.rest.errors import (
    AddressTooLongError,
    ContentCodingUnsupportedError,
    HeaderTooLongError,
    HttpInvalidError,
)
from gateway.rest.problems import Problems
from gateway.rest.reading import MOST_BODY_BYTES
from gateway.rest.ready import SIGNATURE, Ready, Response
from gateway.rest.server_log import server_logger

MOST_ADDRESS_BYTES = 8 * 1024
"""Of a path with its query. Proxies seldom let more through."""
MOST_HEADER_BYTES = 16 * 1024
"""Of one header. Not the number above: an error of aiohttp's tells by its limit only what was too long."""

Handler = Callable[[web.BaseRequest], Awaitable[Response]]


class Server(web.Server):
    """Lets the handler answer, which raises nothing. There is no aiohttp application between: it costs a third more."""

    def __init__(self, handler: Handler, problems: Problems, ages: Ages) -> None:
        """`problems` writes what is answered to whom the handler never sees."""
        super().__init__(
            handler,  # type: ignore[arg-type]  # what `Ready` has is all that is asked of a response
            request_factory=self._request,
            handler_cancellation=True,  # of a client that left; off by default
            access_log=None,  # the log line per call is the pipeline's
            logger=server_logger(),
            max_line_size=MOST_ADDRESS_BYTES,
            max_field_size=MOST_HEADER_BYTES,
        )
        self._problems = problems
        self._ages = ages

    def __call__(self) -> web.RequestHandler:
        """The other end of a new connection."""
        return Connection(self, self._problems, self._ages, loop=self._loop, **self._kwargs)

    def _request(
        self,
        message: RawRequestMessage,
        payload: StreamReader,
        protocol: web.RequestHandler,
        writer: AbstractStreamWriter,
        task: "asyncio.Task[None]",
    ) -> web.BaseRequest:
        return web.BaseRequest(message, payload, protocol, writer, task, self._loop, client_max_size=MOST_BODY_BYTES)


class Connection(web.RequestHandler):
    """Our end of a client's connection."""

    def __init__(self, server: Server, problems: Problems, ages: Ages, **options: Any) -> None:  # noqa: ANN401 - aiohttp's own
        super().__init__(server, **options)
        self._problems = problems
        self._ages = ages
        self._end = ages.end()

    @property
    def is_old(self) -> bool:
        """Whether it has been used for long enough, so that the answer under way is to be its last."""
        return self._ages.now() >= self._end

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
        response.force_close()
        return signed(request, response)


_R = TypeVar("_R", bound=Response)


def signed(request: web.BaseRequest, response: _R) -> _R:
    """Say who answers, rather than which version of which library; and that a body is what it says it is.

    On a connection that has been used for long enough, tell that it ends; it is closed behind the answer.
    """
    if not isinstance(response, Ready):
        if response.prepared:
            return response
        response.headers.update(SIGNATURE)
    if isinstance(request.protocol, Connection) and request.protocol.is_old:
        response.force_close()
    return response


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
