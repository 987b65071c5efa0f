"""What HTTP is told of a reply: its body in the client's coding, how old it is, and how long it keeps."""

import asyncio
from collections.abc import Mapping

from aiohttp import web

from gateway.pipeline import Call, Reply
from gateway.rest.codec import JsonEncoder
from gateway.rest.codings import IDENTITY, Acceptable, Coding
from gateway.rest.ready import Ready
from gateway.rest.representation import Representation, represent

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
        representation = _representations(reply).get(coding) or await self._make(reply, coding)
        now = call.clock.monotonic()
        return representation.answer(request, f"{_told_lines(call, now)}{_shelf_lines(reply, now)}")

    async def answer_once(self, reply: Reply, call: Call, coding: Acceptable) -> Ready:
        """The response to a POST, which no cache keeps: its body asks, and caches know URLs only."""
        representation = _representations(reply).get(coding) or await self._make(reply, coding)
        now = call.clock.monotonic()
        return representation.once(f"{_told_lines(call, now)}{_age_line(reply, now)}Cache-Control: {NEVER_KEPT}\r\n")

    async def _make(self, reply: Reply, acceptable: Acceptable) -> Representation:
        body = reply.encoded("json", self._encoder.encode)
        coding = acceptable.of(len(body))
        coded = body if coding is IDENTITY else await _coded(reply, body, coding)
        made = _representations(reply)[acceptable] = represent(body, coding, coded, JSON)
        return made


def _representations(reply: Reply) -> dict[Acceptable, Representation]:
    """Those of a reply that have been made, by what their clients accept."""
    return reply.once("representations", _none_yet)


def _none_yet(_: Reply) -> dict[Acceptable, Representation]:
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


def _told_lines(call: Call, now: float) -> str:
    """The same as they are sent: a map of four headers would take as long as all else here."""
    return f"X-Request-Id: {call.request_id}\r\nServer-Timing: {call.server_timing(now)}\r\n"


def _shelf_lines(reply: Reply, now: float) -> str:
    """`Cache-Control`, and `Age` where the reply has one (RFC 9111, sections 5.1 and 5.2).

    `max-age` counts from when the answer was observed, as caches reckon: they take the `Age` from it.
    """
    shelf = reply.shelf
    if shelf is None:
        return f"Cache-Control: {NEVER_KEPT}\r\n"
    left = int(shelf.fresh_until - now)
    if not shelf.repeatable or left <= 0:
        # It may be kept, but whoever asks again wants to be told whether it still holds.
        return f"{_age_line(reply, now)}Cache-Control: private, no-cache\r\n"
    age = reply.age(now) or 0
    return f"Age: {age}\r\nCache-Control: private, max-age={age + left}\r\n"


def _age_line(reply: Reply, now: float) -> str:
    age = reply.age(now)
    return "" if age is None else f"Age: {age}\r\n"
