"""The endpoint of an RPC: an HTTP request in, an HTTP response out, whichever RPC it is."""

from collections.abc import Mapping

from aiohttp import web

from gateway.pipeline import Call, Failure, Pipeline
from gateway.pipeline.errors import CallError
from gateway.rest.bindings import Binding
from gateway.rest.codec import JsonEncoder
from gateway.rest.framing import OFFERS
from gateway.rest.negotiation import choose
from gateway.rest.problems import Problems
from gateway.rest.reading import read_request
from gateway.rest.streams import Streams, resume
from gateway.rest.timeouts import read_timeout

_JSON = "application/json"


class RpcEndpoint:
    """Serves one binding. Every failure is answered here, and has been recorded by the pipeline."""

    def __init__(self, binding: Binding, pipeline: Pipeline, encoder: JsonEncoder) -> None:
        self._binding = binding
        self._pipeline = pipeline
        self._encoder = encoder
        self._problems = Problems(encoder)
        self._streams = Streams(pipeline, encoder, self._problems)

    async def __call__(self, request: web.Request, variables: Mapping[str, str]) -> web.StreamResponse:
        """Read the request, run the call, and answer it."""
        call, unreadable = self._arrived(request)
        try:
            if unreadable is not None:
                raise unreadable  # noqa: TRY301 - refused below, like whatever else is wrong with a request
            return await self._answer(request, variables, call)
        except Failure as failure:
            return self._problems.of_failure(failure, call.request_id)
        except Exception as error:  # noqa: BLE001 - the outermost place: what is met here was not met by the pipeline
            return self._problems.of_error(error, call.request_id, self._pipeline.refuse(call, error))

    def _arrived(self, request: web.Request) -> tuple[Call, CallError | None]:
        """The call, and what is wrong with its headers."""
        timeout, unreadable = None, None
        try:
            timeout = read_timeout(request.headers)
        except CallError as error:
            unreadable = error
        request_id = request.headers.get("X-Request-Id")
        method = self._binding.method
        return self._pipeline.call(method, transport="rest", request_id=request_id, timeout=timeout), unreadable

    async def _answer(self, request: web.Request, variables: Mapping[str, str], call: Call) -> web.StreamResponse:
        accept = request.headers.getall("Accept", [])
        media_type = choose(accept, OFFERS if self._binding.method.streaming else (_JSON,))
        async with call.clock.timeout_at(call.deadline):
            message = await read_request(self._binding, request, variables)
        if self._binding.method.streaming:
            resume(message, request.headers.get("Last-Event-ID"))
            items = self._pipeline.stream(self._binding.method, message, call)
            return await self._streams.answer(request, message, call, items, media_type, _headers(call))
        response = await self._pipeline.unary(self._binding.method, message, call)
        return web.Response(body=self._encoder.encode(response), content_type=_JSON, headers=_headers(call))


def _headers(call: Call) -> dict[str, str]:
    """Answers differ by `Accept`, may hold personal data, and nobody but the caller may keep them."""
    return {"X-Request-Id": call.request_id, "Cache-Control": "private, no-store", "Vary": "Accept"}
