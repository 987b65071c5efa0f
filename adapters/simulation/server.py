"""A simulated upstream as a server on loopback, with its control endpoint and its faults."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import get_args

import msgspec
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.simulation.control import Change, Control, Received
from adapters.simulation.faults import Mode, body_of, commit

CONTROL_PATH = "/_simulator"
"""Where the control endpoint is, on every simulator."""

SOURCES_PATH = f"{CONTROL_PATH}/sources"
"""Where a simulator that knows several ways to sign in tells the table of each."""

Sources = Callable[[str], Mapping[str, Mapping[str, object]]]
"""The configuration tables that point a source at a simulator with this base URL, by the scheme of their `auth`."""

_STOPPED = web.AppKey("stopped", asyncio.Event)
# Long enough for an answer that is being made; what hangs is told to stop and does not need it.
_SHUTDOWN_SECONDS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulator:
    """One simulated upstream, not yet served. It can be served once."""

    kind: str
    app: web.Application
    control: Control
    source: Mapping[str, object]
    """The configuration table that points a source at it, without `base_url`. Its secrets are fictional."""
    path: str = ""
    """What a base URL needs behind the address."""


def simulator(  # noqa: PLR0913 - what may be left out goes by name
    kind: str,
    routes: Iterable[web.AbstractRouteDef],
    *,
    control: Control,
    source: Mapping[str, object],
    path: str = "",
    sources: Sources | None = None,
) -> Simulator:
    """Make a simulated upstream of its routes, whose handlers answer with whole `web.Response`s.

    Where it knows several ways to sign in, `sources` makes a table for each, which the control endpoint tells.
    """
    app = web.Application(middlewares=[_faults(control)], client_max_size=1024 * 1024)
    app[_STOPPED] = asyncio.Event()
    app.add_routes(_control_routes(kind, control))
    app.add_routes([] if sources is None else [_tables_route(path, sources)])
    app.add_routes(routes)
    app.on_shutdown.append(_stop)
    return Simulator(kind=kind, app=app, control=control, source=source, path=path)


@asynccontextmanager
async def serve(simulator: Simulator, port: int = 0) -> AsyncIterator[str]:
    """Serve a simulator on loopback and give its base URL. Port 0 picks a free one.

    Raises:
        OSError: the port is taken.
    """
    runner = web.AppRunner(
        simulator.app, handler_cancellation=True, access_log=None, shutdown_timeout=_SHUTDOWN_SECONDS
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", port)
        await site.start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}{simulator.path}"
    finally:
        await runner.cleanup()


async def _stop(app: web.Application) -> None:
    app[_STOPPED].set()


def _faults(control: Control) -> Middleware:
    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path in {CONTROL_PATH, SOURCES_PATH}:
            return await handler(request)
        resets = await _note(control, request)
        stopped = request.app[_STOPPED]
        try:
            return await _answer(control, request, handler, stopped)
        except (asyncio.CancelledError, ConnectionError):
            if not stopped.is_set():
                control.note_closed_early(resets)
            raise

    return middleware


async def _note(control: Control, request: web.Request) -> int:
    received = Received(
        method=request.method,
        path=request.path,
        query=dict(request.query),
        headers=dict(request.headers),
        body=await request.read(),
    )
    return control.note_request(received)


async def _answer(
    control: Control, request: web.Request, handler: Handler, stopped: asyncio.Event
) -> web.StreamResponse:
    async def answer() -> web.Response:
        response = await handler(request)
        assert isinstance(response, web.Response)  # noqa: S101 - a promise of `simulator`, which types cannot hold
        if control.rewrite is not None and response.status == web.HTTPOk.status_code:
            response.body = control.rewrite(body_of(response))
        return response

    fault = control.fault_for(request.path)
    return await (answer() if fault is None else commit(fault, request, answer, stopped))


def _control_routes(kind: str, control: Control) -> list[web.AbstractRouteDef]:
    async def tell(_request: web.Request) -> web.Response:
        return _state(kind, control)

    async def change(request: web.Request) -> web.Response:
        try:
            control.apply(msgspec.json.decode(await request.read(), type=Change))
        except (msgspec.MsgspecError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        return _state(kind, control)

    async def reset(_request: web.Request) -> web.Response:
        control.reset()
        return _state(kind, control)

    return [web.get(CONTROL_PATH, tell), web.put(CONTROL_PATH, change), web.delete(CONTROL_PATH, reset)]


def _tables_route(path: str, sources: Sources) -> web.RouteDef:
    async def tell(request: web.Request) -> web.Response:
        return web.json_response(sources(f"{request.url.origin()}{path}"))

    return web.get(SOURCES_PATH, tell)


def _state(kind: str, control: Control) -> web.Response:
    state = {
        "kind": kind,
        "faults": control.faults,
        "switches": dict(control.switches),
        "allowed": {"mode": get_args(Mode), "switches": control.allowed},
        "requests": control.asked,
        "closed_early": control.closed_early,
    }
    return web.Response(body=msgspec.json.encode(state), content_type="application/json")
