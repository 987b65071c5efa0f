"""Faults on demand, as a client would meet them: what a broken network, proxy or upstream puts on the wire."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.client import responses
from typing import Annotated, Literal

import msgspec
from aiohttp import web
from msgspec import Meta

from adapters.simulation.spoiling import garbled, mistyped

Mode = Literal[
    "ok",
    "hang",
    "cut",
    "truncate",
    "stall",
    "invalid-json",
    "not-json",
    "wrong-types",
    "null",
    "empty",
    "endless",
    "redirect",
]
"""What becomes of an answer; the README says what each does."""

Answer = Callable[[], Awaitable[web.Response]]

_CHUNK = b" " * 65536


class Fault(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What goes wrong, for which requests, and how often."""

    path: str = "*"
    """A shell pattern (`fnmatch`) that the request's path must match, such as `*/analytics/totals`."""
    times: Annotated[int, Meta(ge=1)] | None = None
    """For how many requests. None: until it is taken away."""
    latency: Annotated[float, Meta(ge=0, le=600)] = 0
    """Seconds before anything else happens."""
    status: Annotated[int, Meta(ge=300, le=599)] | None = None
    """The upstream is not asked; an HTML page with this status is answered."""
    retry_after: Annotated[str, Meta(pattern=r"^([ -*,-~][ -~]{0,99}|\+[0-9]{1,8})\Z")] | None = None
    """`Retry-After` of that page, as it stands: seconds or a date. `+N` is the date N seconds from now."""
    mode: Mode = "ok"
    """What becomes of the answer."""


async def commit(fault: Fault, request: web.Request, answer: Answer, stopped: asyncio.Event) -> web.StreamResponse:
    """Answer a request as the fault says; `answer` makes the true answer, and `stopped` ends what would never end."""
    await asyncio.sleep(fault.latency)
    if fault.status is not None:
        return _page(fault.status, fault.retry_after)
    if fault.mode in _INSTEAD:
        return _INSTEAD[fault.mode]()
    match fault.mode:
        case "hang":
            await stopped.wait()
            return _hang_up(request)
        case "cut":
            return _hang_up(request)
        case "endless":
            return await _endless(request, stopped)
        case _:
            return await _spoil(fault.mode, request, await answer(), stopped)


async def _spoil(
    mode: Mode, request: web.Request, response: web.Response, stopped: asyncio.Event
) -> web.StreamResponse:
    match mode:
        case "truncate":
            return await _half(request, response)
        case "stall":
            return await _half(request, response, until=stopped)
        case "invalid-json":
            response.body = garbled(body_of(response))
        case "wrong-types":
            response.body = mistyped(body_of(response))
        case _:
            pass
    return response


def body_of(response: web.Response) -> bytes:
    """The body of an answer that has not been sent yet."""
    return response.body if isinstance(response.body, bytes) else b""


def _page(status: int, retry_after: str | None = None) -> web.Response:
    title = f"{status} {responses.get(status, 'Unknown')}"
    headers = {} if retry_after is None else {"Retry-After": _moment(retry_after)}
    return web.Response(
        status=status, text=f"<html><h1>{title}</h1></html>\n", content_type="text/html", headers=headers
    )


def _moment(retry_after: str) -> str:
    if not retry_after.startswith("+"):
        return retry_after
    return format_datetime(datetime.now(UTC) + timedelta(seconds=float(retry_after[1:])), usegmt=True)


def _hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection without another byte: what was promised never comes."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _half(request: web.Request, response: web.Response, until: asyncio.Event | None = None) -> web.StreamResponse:
    """Promise the whole body and send half of it; then hang up, after waiting for `until`."""
    body = body_of(response)
    half = web.StreamResponse(status=response.status, headers={"Content-Type": response.content_type})
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if until is not None:
        await until.wait()
    # What was written must be on its way before the connection goes.
    await asyncio.sleep(0)
    _hang_up(request)
    return half


async def _endless(request: web.Request, stopped: asyncio.Event) -> web.StreamResponse:
    """A body of blanks, which is the beginning of any JSON text, and never its end."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while not stopped.is_set():
        await response.write(_CHUNK)
        await asyncio.sleep(0)
    return _hang_up(request)


_INSTEAD: Mapping[Mode, Callable[[], web.Response]] = {
    "redirect": lambda: web.Response(status=302, headers={"Location": "https://elsewhere.example/login"}),
    "not-json": lambda: _page(200),
    "null": lambda: web.json_response(None),
    "empty": lambda: web.Response(content_type="application/json"),
}
