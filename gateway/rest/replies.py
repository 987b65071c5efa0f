"""What HTTP is told of a reply: its body in the client's coding, how old it is, and how long it keeps."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from gateway.pipeline import Call, Reply
from gateway.rest.codec import JsonEncoder
from gateway.rest.codings import IDENTITY, Acceptable, Coding
from gateway.rest.ready import Ready
from gateway.rest.representation import Representation, lines, represent

JSON = "application/json"
LARGE = 64 * 1024
"""Bytes from which a body is compressed in a thread of its own: gzip takes a millisecond for so many, zstd a third."""
NEVER_KEPT = "private, no-store"
"""Answers may hold personal data: nobody but the caller may keep them, and a passing one not even the caller."""


class Replies:
    """Sends replies. What can be shared by all who get the same is made once."""

    def __init__(self, encoder: JsonEncoder) -> None:
        self._encoder = encoder

    async def answer(self, request: web.BaseRequest, reply: Reply, call: Call, coding: Acceptable) -> Ready:
        """The response to a GET or HEAD: it may be kept for as long as the reply keeps."""
        representation = self._made(reply, coding) or await self._make(reply, coding)
        return representation.answer(request, lines({**told(call), **shelf_headers(reply, call.clock.monotonic())}))

    async def answer_once(self, reply: Reply, call: Call, coding: Acceptable) -> Ready:
        """The response to a POST, which no cache keeps: its body asks, and caches know URLs only."""
        representation = self._made(reply, coding) or await self._make(reply, coding)
        headers = {**told(call), **_age(reply, call.clock.monotonic()), "Cache-Control": NEVER_KEPT}
        return representation.once(lines(headers))

    def _made(self, reply: Reply, acceptable: Acceptable) -> Representation | None:
        body = reply.encoded("json", self._encoder.encode)
        return _representations(reply).get(acceptable.of(len(body)).name)

    async def _make(self, reply: Reply, acceptable: Acceptable) -> Representation:
        body = reply.encoded("json", self._encoder.encode)
        coding = acceptable.of(len(body))
        coded = body if coding is IDENTITY else await _coded(reply, body, coding)
        made = _representations(reply)[coding.name] = represent(body, coding, coded, JSON)
        return made


def _representations(reply: Reply) -> dict[str, Representation]:
    """Those of a reply that have been made, by their coding."""
    return reply.once("representations", _none_yet)


def _none_yet(_: Reply) -> dict[str, Representation]:
    return {}


async def _coded(reply: Reply, body: bytes, coding: Coding) -> bytes:
    """The body in the coding. A large one is compressed in a thread, once for all who wait for it."""

    def compress(_: Reply) -> asyncio.Task[bytes]:
        return asyncio.ensure_future(asyncio.to_thread(coding.compress, body))

    # Who leaves does not stop it: others may wait, and a thread cannot be stopped anyway.
    coded = (
        coding.compress(body)
        if len(body) < LARGE
        else await asyncio.shield(reply.once(("compressing", coding.name), compress))
    )
    return reply.encoded(f"json+{coding.name}", lambda _: coded)


def told(call: Call) -> Mapping[str, str]:
    """What every answer tells of its call."""
    return {"X-Request-Id": call.request_id, "Server-Timing": call.server_timing(call.clock.monotonic())}


def shelf_headers(reply: Reply, now: float) -> Mapping[str, str]:
    """`Cache-Control`, and `Age` where the reply has one (RFC 9111, sections 5.1 and 5.2).

    `max-age` counts from when the answer was observed, as caches reckon: they take the `Age` from it.
    """
    shelf = reply.shelf
    if shelf is None:
        return {"Cache-Control": NEVER_KEPT}
    left = int(shelf.fresh_until - now)
    if not shelf.repeatable or left <= 0:
        # It may be kept, but whoever asks again wants to be told whether it still holds.
        return {**_age(reply, now), "Cache-Control": "private, no-cache"}
    age = reply.age(now) or 0
    return {"Age": str(age), "Cache-Control": f"private, max-age={age + left}"}


def _age(reply: Reply, now: float) -> Mapping[str, str]:
    age = reply.age(now)
    return {} if age is None else {"Age": str(age)}
