"""The HTTP server: it answers in our form also what aiohttp refuses by itself."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, TypeVar

from aiohttp import StreamReader, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.http import RawRequestMessage
from aiohttp.http_exceptions import BadHttpMessage, ContentEncodingError, HttpProcessingError, LineTooLong

from gateway.pipeline.request_id import request_id
from gateway.rest.ageing import Ages
from gateway.rest.errors import (
    AddressTooLongError,
    ContentCodingUnsupportedError,
    HeaderTooLongError,
    HttpError,
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

MOST_HEADERS = 128
"""Of one request: what aiohttp has, which cannot be told otherwise."""
_TOO_MANY_HEADERS = "Too many headers"

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
            # Of a client that says nothing, or half a request and no more; by default an hour.
            keepalive_timeout=ages.most,
        )
        self._problems = problems
        self._ages = ages
        self._open: set[Connection] = set()
        self._retiring = False
        self._deserted: asyncio.Event | None = None
        """That the last client has gone, where somebody waits for it."""

    def __call__(self) -> web.RequestHandler:
        """The other end of a new connection."""
        return Connection(self, self._problems, self._ages, loop=self._loop, **self._kwargs)

    async def retire(self, patience: float) -> None:
        """Make each answer the last on its connection, and after so many seconds end the connections without a call.

        Returns when no connection is left, or then. To be called once nobody listens any more. A client that is told so
        in an answer goes elsewhere and loses nothing; one whose call meets the end of its connection has to repeat it.
        """
        self._retiring = True
        for connection in self._open:
            connection.retire()
        await self.deserted(patience)
        for connection in list(self._open):
            connection.close()

    async def deserted(self, patience: float) -> None:
        """Wait until no connection is left: all that was written has been sent then. For so many seconds at most.

        To be called once nobody listens any more.
        """
        if self._open:
            self._deserted = asyncio.Event()
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._deserted.wait()

    def opened(self, connection: "Connection") -> None:
        """A client has come, perhaps while it was decided that no more do."""
        self._open.add(connection)
        if self._retiring:
            connection.retire()

    def closed(self, connection: "Connection") -> None:
        """It has gone."""
        self._open.discard(connection)
        if not self._open and self._deserted is not None:
            self._deserted.set()

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
        self._server = server
        self._problems = problems
        self._ages = ages
        self._end = ages.end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is open."""
        super().connection_made(transport)
        self._server.opened(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """It is closed, whoever did that."""
        super().connection_lost(exc)
        self._server.closed(self)

    async def start(self) -> None:
        """Answer what comes, until the connection is to end."""
        try:
            await super().start()
        except asyncio.CancelledError:
            # So `close` ends it where no request is under way, and leaves the connection as it is.
            if self.transport is not None:
                self.transport.close()
            raise

    def data_received(self, data: bytes) -> None:
        """Tell who reads a body that no more of it can be read. aiohttp would let them wait for it until their end."""
        super().data_received(data)
        request = self._current_request
        if request is None or not self._messages or isinstance(self._messages[-1][0], RawRequestMessage):
            return
        if not request.content.is_eof():
            self.retire()
            request.content.set_exception(web.RequestPayloadError("what follows is not HTTP"))

    @property
    def is_old(self) -> bool:
        """Whether it has been used for long enough, so that the answer under way is to be its last."""
        return self._ages.now() >= self._end

    def retire(self) -> None:
        """The next answer is to be its last."""
        self._end = -math.inf

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
        case ContentEncodingError():  # one that aiohttp knows, and could read if something else were installed
            return ContentCodingUnsupportedError()
        case HttpProcessingError():
            return _unreadable(error)
        case Exception():
            return error
        case _:
            return TimeoutError()


def _unreadable(error: HttpProcessingError) -> HttpError:
    match error:
        case LineTooLong(args=(_, limit, *_)) if limit == MOST_ADDRESS_BYTES:
            return AddressTooLongError(
                f"the path with its query may have at most {limit} bytes; long filters belong in the body of a POST, "
                "where there is one that takes them"
            )
        case LineTooLong():
            return HeaderTooLongError(f"a header may have at most {MOST_HEADER_BYTES} bytes")
        case BadHttpMessage(message=str(text)) if text.startswith(_TOO_MANY_HEADERS):
            return HeaderTooLongError(f"a request may have at most {MOST_HEADERS} headers")
        case _:
            return HttpInvalidError("this cannot be read as HTTP/1.1")
