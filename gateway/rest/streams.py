"""A streaming RPC's answer: items as they come, no faster than they are read, and no end that only looks like one."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from google.protobuf.message import Message

from adapters.timeout import Timeout
from gateway.pipeline import Call, Failure, Pipeline
from gateway.pipeline.errors import FieldViolation, InvalidRequestError
from gateway.rest.codec import JsonEncoder
from gateway.rest.codec.scalars import MismatchError, read_scalar
from gateway.rest.framing import Framing, framing, is_end, resume_token
from gateway.rest.problems import Problems
from gateway.rest.replies import told
from gateway.rest.server import signed

SENT = web.ResponseKey("sent", int)
"""Under which a streamed response tells how many bytes of body were sent, to whoever counts them."""


def resume(message: Any, last_event_id: str | None) -> None:  # noqa: ANN401 - any request message
    """Let a browser that comes back go on where it was: its `Last-Event-ID` wins over the URL, which it can't change.

    Raises:
        InvalidRequestError: the id is no text.
    """
    field = message.DESCRIPTOR.fields_by_name.get("resume_token")
    if not last_event_id or field is None:
        return
    try:
        message.resume_token = read_scalar(field, last_event_id)
    except MismatchError as error:
        raise InvalidRequestError(FieldViolation(field="Last-Event-ID", description=str(error))) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """The body of a streamed answer. Writing waits for a slow reader, and so holds up whoever makes the items."""

    response: web.StreamResponse
    framing: Framing
    call: Call

    async def write(self, chunk: bytes) -> None:
        """Send it, waiting for the reader no longer than until the call's deadline."""
        if chunk:
            with Timeout(self.call.clock, self.call.deadline):
                await self.response.write(chunk)
            self.response[SENT] = self.response.get(SENT, 0) + len(chunk)

    async def end(self) -> None:
        """Send the last of it, within the same time."""
        with Timeout(self.call.clock, self.call.deadline):
            await self.response.write_eof()


class Streams:
    """Sends streams."""

    def __init__(self, pipeline: Pipeline, encoder: JsonEncoder, problems: Problems) -> None:
        self._pipeline = pipeline
        self._encoder = encoder
        self._problems = problems

    async def answer(  # noqa: PLR0913, PLR0917 - all that is known of one answer
        self,
        request: web.BaseRequest,
        message: Message,
        call: Call,
        items: AsyncGenerator[Message],
        media_type: str,
        headers: Mapping[str, str],
    ) -> web.StreamResponse:
        """Send the items as they come. The status waits for the first, so that it can still tell a failure.

        Coming back with the token of a stream's end is answered 204, or browsers would come back for ever.

        Raises:
            Failure: there is no first item.
        """
        async with aclosing(items):
            first = await anext(items, None)
            if first is not None and _is_finished(first, message):
                return web.Response(status=204, headers={**headers, **told(call)})
            response = web.StreamResponse(headers={**headers, **told(call), "X-Accel-Buffering": "no"})
            response.content_type = media_type
            await signed(request, response).prepare(request)
            if request.method != "HEAD":
                await self._send(
                    _Body(response=response, framing=framing(media_type), call=call), first, items, request
                )
            return response

    async def _send(
        self, body: _Body, first: Message | None, items: AsyncGenerator[Message], request: web.BaseRequest
    ) -> None:
        """Write the whole body. Where the reader is gone or too slow, cut the connection: nobody must see an end."""
        try:
            await self._write(body, first, items)
            await body.end()
        except (ConnectionError, TimeoutError):
            if request.transport is not None:
                request.transport.abort()

    async def _write(self, body: _Body, first: Message | None, items: AsyncGenerator[Message]) -> None:
        await body.write(body.framing.opening)
        try:
            if first is not None:
                await body.write(body.framing.item(self._encoder.encode(first), first))
            async for item in items:
                await body.write(body.framing.item(self._encoder.encode(item), item))
        except Failure as failure:
            await body.write(body.framing.failure(self._problems.in_stream(failure)))
        except (ConnectionError, TimeoutError):
            raise
        except Exception as error:  # noqa: BLE001 - the status is sent: only the stream itself can still tell
            refusal = self._pipeline.refuse(body.call, error)
            await body.write(body.framing.failure(self._problems.in_stream(refusal)))
        await body.write(body.framing.closing)


def _is_finished(first: Message, message: Message) -> bool:
    """Whether nothing follows the token that the request came back with: that of an end."""
    return is_end(first) and resume_token(first) == getattr(message, "resume_token", "")
