"""Fluid Topics played on loopback: events of a year, and their counts, of the fictional company's documentation portal.

Where the reference is silent this simulator has to choose, and nothing may rely on it: without paging there are ten
events, a page has at most 10,000, unknown names and members of filters are passed over, an end in the future is
taken, errors have a body of plain text, and anonymous events have no `user`.
"""

import base64
from collections import deque
from collections.abc import Callable

from aiohttp import web
from aiohttp.typedefs import Handler

from adapters.clock import Clock
from adapters.fluidtopics.simulated.inspection import Refusal, read_counts_question, read_events_question
from adapters.fluidtopics.simulated.portal import Portal
from adapters.fluidtopics.simulated.shapes import SWITCHES
from adapters.simulation import Control, Simulator, World
from adapters.simulation import simulator as simulate

TOKEN = "simulated-fluidtopics-key"  # noqa: S105 - it opens nothing but this simulator
"""The API key of the simulated portal. `user` and `password` do as well."""
USER, PASSWORD = "analyst", "simulated-password"

_SECONDS = 300
_LIMITS = {"on": 5000, "tight": 10}
_BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
_ACCEPTED = frozenset({f"Bearer {TOKEN}", f"Basic {_BASIC}"})


def create_simulator(world: World) -> Simulator:
    """Fluid Topics, with the portal of the world's company."""
    control = Control(SWITCHES)
    portal = Portal(world)
    firewall = _Firewall(world.clock, control)

    def events(body: bytes) -> bytes:
        asked = read_events_question(body, world.clock.now(), control.switches["sort_order"])
        return portal.events(asked, control.switches)

    def counts(body: bytes) -> bytes:
        return portal.counts(read_counts_question(body, world.clock.now()))

    routes = [
        web.post("/analytics/api/v1/events", _guarded(events, firewall)),
        web.post("/analytics/api/v1/traffic/event-counts", _guarded(counts, firewall)),
    ]
    source = {"kind": "fluidtopics", "auth": {"scheme": "bearer", "token": TOKEN}}
    return simulate("fluidtopics", routes, control=control, source=source)


class _Firewall:
    """Lets through 5,000 requests in five minutes from one address (Fluid Topics API reference, "Return codes")."""

    def __init__(self, clock: Clock, control: Control) -> None:
        self._clock = clock
        self._control = control
        self._passed: dict[str | None, deque[float]] = {}

    def lets_through(self, request: web.Request) -> bool:
        """Whether a request may pass. One that may not does not count."""
        limit = _LIMITS.get(self._control.switches["limiter"])
        if self._control.asked <= 1:
            # Nothing was asked before: the control was reset.
            self._passed.clear()
        if limit is None:
            return True
        passed = self._passed.setdefault(request.remote, deque())
        now = self._clock.monotonic()
        while passed and passed[0] <= now - _SECONDS:
            passed.popleft()
        if len(passed) >= limit:
            return False
        passed.append(now)
        return True


def _guarded(answer: Callable[[bytes], bytes], firewall: _Firewall) -> Handler:
    """An answer for requests that pass the firewall, show the key and bring JSON."""

    async def handler(request: web.Request) -> web.StreamResponse:
        if not firewall.lets_through(request):
            page = "<html><head><title>429</title></head><body>Request blocked.</body></html>"
            return web.Response(status=429, text=page, content_type="text/html")
        if request.headers.get("Authorization") not in _ACCEPTED:
            return web.Response(status=401, text="Unauthorized")
        if request.content_type != "application/json":
            return web.Response(status=415, text="Unsupported Media Type")
        try:
            body = answer(await request.read())
        except Refusal as refusal:
            return web.Response(status=400, text=f"Bad Request: {refusal}")
        headers = {"ft-called-app": "analytics/ft_ws"}
        return web.Response(body=body, content_type="application/json", charset="UTF-8", headers=headers)

    return handler
