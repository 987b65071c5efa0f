"""The endpoint of an RPC: an HTTP request in, an HTTP response out, whichever RPC it is."""

from collections.abc import Mapping, Sequence

from aiohttp import web
from aiohttp.hdrs import ACCEPT, ACCEPT_ENCODING
from google.protobuf.message import Message

from adapters.timeout import Timeout
from gateway.pipeline import Call, Failure, Pipeline
from gateway.pipeline.errors import CallError
from gateway.rest.bindings import Binding
from gateway.rest.codec import JsonEncoder
from gateway.rest.codings import acceptable
from gateway.rest.framing import OFFERS
from gateway.rest.negotiation import choose_again
from gateway.rest.problems import Problems
from gateway.rest.reading import read_message, read_request
from gateway.rest.ready import Response
from gateway.rest.replies import JSON, NEVER_KEPT, Replies, told
from gateway.rest.streams import Streams, resume
from gateway.rest.timeouts import read_timeout

_NONE: Sequence[str] = ()


class RpcEndpoint:
    """Serves one binding. Every failure is answered here, and has been recorded by the pipeline."""

    def __init__(self, binding: Binding, pipeline: Pipeline, encoder: JsonEncoder) -> None:
        self._binding = binding
        self._method = binding.method
        self._pipeline = pipeline
        self._problems = Problems(encoder)
        self._replies = Replies(encoder)
        self._streams = Streams(pipeline, encoder, self._problems)
        self._respond = self._stream if binding.method.streaming else self._post if binding.has_body else self._get

    async def __call__(self, request: web.BaseRequest, variables: Mapping[str, str]) -> Response:
        """Read the request, run the call, and answer it."""
        call, unreadable = self._arrived(request)
        try:
            if unreadable is not None:
                raise unreadable  # noqa: TRY301 - refused below, like whatever else is wrong with a request
            return await self._respond(request, variables, call)
        except Failure as failure:
            problem = self._problems.of_failure(failure, call.request_id)
        except Exception as error:  # noqa: BLE001 - the outermost place: what is met here was not met by the pipeline
            problem = self._problems.of_error(error, call.request_id, self._pipeline.refuse(call, error))
        problem.headers.update(told(call))
        return problem

    def _arrived(self, request: web.BaseRequest) -> tuple[Call, CallError | None]:
        """The call, and what is wrong with its headers."""
        timeout, unreadable = None, None
        try:
            timeout = read_timeout(request.headers)
        except CallError as error:
            unreadable = error
        request_id = request.headers.get("X-Request-Id")
        return self._pipeline.call(self._method, transport="rest", request_id=request_id, timeout=timeout), unreadable

    async def _get(self, request: web.BaseRequest, variables: Mapping[str, str], call: Call) -> Response:
        """Answer what the URL alone asks. What was asked by the same URL before may be at hand, without reading it."""
        choose_again(_accept(request), (JSON,))
        coding = acceptable(_accept_encoding(request))
        reply = self._pipeline.at_hand(self._method, request.raw_path, call)
        if reply is None:

            def read() -> Message:
                return read_message(self._binding, variables, request.rel_url.raw_query_string, b"")

            reply = await self._pipeline.spelled(self._method, request.raw_path, read, call)
        return await self._replies.answer(request, reply, call, coding)

    async def _post(self, request: web.BaseRequest, variables: Mapping[str, str], call: Call) -> Response:
        choose_again(_accept(request), (JSON,))
        coding = acceptable(_accept_encoding(request))
        message = await self._read(request, variables, call)
        return await self._replies.answer_once(await self._pipeline.unary(self._method, message, call), call, coding)

    async def _stream(self, request: web.BaseRequest, variables: Mapping[str, str], call: Call) -> Response:
        media_type = choose_again(_accept(request), OFFERS)
        message = await self._read(request, variables, call)
        resume(message, request.headers.get("Last-Event-ID"))
        items = self._pipeline.stream(self._method, message, call)
        headers = {"Cache-Control": NEVER_KEPT, "Vary": "Accept"}
        return await self._streams.answer(request, message, call, items, media_type, headers)

    async def _read(self, request: web.BaseRequest, variables: Mapping[str, str], call: Call) -> Message:
        """The message, within the call's time. A body takes one of the places for calls while it comes."""
        with self._pipeline.reading(call), Timeout(call.clock, call.deadline):
            return await read_request(self._binding, request, variables)


def _accept(request: web.BaseRequest) -> Sequence[str]:
    return request.headers.getall(ACCEPT, _NONE)


def _accept_encoding(request: web.BaseRequest) -> Sequence[str]:
    return request.headers.getall(ACCEPT_ENCODING, _NONE)
