"""Where every request arrives: it finds its endpoint, is counted, and is answered in our form whatever happens."""

import time
from collections.abc import Callable, Mapping

import structlog
from aiohttp import web
from aiohttp.hdrs import EXPECT

from gateway.pipeline.request_id import request_id
from gateway.pipeline.telemetry.fronts import HttpMetrics
from gateway.rest.errors import HttpError
from gateway.rest.expectation import check_expectation
from gateway.rest.pages import Endpoint
from gateway.rest.problems import Problems
from gateway.rest.ready import Ready, Response
from gateway.rest.router import Route, Router
from gateway.rest.server import signed
from gateway.rest.streams import SENT

_CLIENT_LEFT = 499
"""What Nginx calls it: nobody was there any more to be told a status."""

Found = tuple[Route[Endpoint], Mapping[str, str]]


class Dispatcher:
    """Answers every request."""

    def __init__(
        self,
        router: Router[Endpoint],
        problems: Problems,
        metrics: HttpMetrics,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """`now`, in seconds, is what requests are timed with."""
        self._router = router
        self._problems = problems
        self._metrics = metrics
        self._now = now

    async def __call__(self, request: web.BaseRequest) -> Response:
        """Answer the request, and count it."""
        started = self._now()
        found = self._find(request)
        meter = self._metrics.of(request.method, "" if isinstance(found, HttpError) else found[0].template.text)
        meter.started()
        status, sent = _CLIENT_LEFT, 0
        try:
            response = await self._answer(request, found)
            status, sent = response.status, _size(request, response)
            return signed(request, response)
        finally:
            meter.ended(status, self._now() - started, sent=sent, received=_received(request))

    def _find(self, request: web.BaseRequest) -> Found | HttpError:
        try:
            return self._router.resolve(request.method, request.rel_url.raw_path)
        except HttpError as error:
            return error

    async def _answer(self, request: web.BaseRequest, found: Found | HttpError) -> Response:
        try:
            if EXPECT in request.headers:
                check_expectation(request)
            if isinstance(found, HttpError):
                raise found  # noqa: TRY301 - told below, like what an endpoint raises
            route, variables = found
            return await route.endpoint(request, variables)
        except HttpError as error:
            return self._problems.of_error(error, _request_id(request))
        except Exception as error:  # noqa: BLE001 - the outermost place: aiohttp would answer with a page of its own
            given = _request_id(request)
            structlog.get_logger().error("fault", request_id=given, exc_info=error)
            return self._problems.of_error(error, given)


def _request_id(request: web.BaseRequest) -> str:
    return request_id(request.headers.get("X-Request-Id"))


def _received(request: web.BaseRequest) -> int:
    """Bytes of the request's body; of one of no told length, as many as were read, after they were decompressed."""
    if not request.body_exists:
        return 0
    return request.content_length or request.content.total_bytes


def _size(request: web.BaseRequest, response: Response) -> int:
    """Bytes of the response's body; of a stream, those that were sent."""
    if isinstance(response, Ready):
        return 0 if request.method == "HEAD" else len(response.body)
    if isinstance(response, web.Response):
        return 0 if request.method == "HEAD" or not isinstance(response.body, bytes) else len(response.body)
    streamed: int = response.get(SENT, 0)
    return streamed
