"""Mosswiki played on loopback: a wiki, one year old, to which everybody in the fictional company writes."""

from collections import Counter
from datetime import timedelta

from aiohttp import web

from adapters.simulation import Control, Simulator, World, simulator
from adapters.times import parse_moment

TOKEN = "simulated-mosswiki-token"


def create_simulator(world: World) -> Simulator:
    """The wiki of the world's company."""

    def edits(request: web.Request) -> Counter[str]:
        """How often who wrote within the window of the request."""
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            raise web.HTTPUnauthorized
        now = world.clock.now()
        start = parse_moment(request.query.get("from")) or now - timedelta(days=365)
        end = min(parse_moment(request.query.get("to")) or now, now)
        days = (start.date() + timedelta(days=day) for day in range((end - start).days))
        activity = sum(map(world.company.activity, days))
        return +Counter({person.id: round(person.weight * activity) for person in world.company.people})

    async def counters(request: web.Request) -> web.Response:
        return web.json_response({"edit_cnt": edits(request).total()})

    async def editors(request: web.Request) -> web.Response:
        return web.json_response([{"login": who, "edit_cnt": count} for who, count in edits(request).most_common()])

    routes = [web.get("/api/main/counters", counters), web.get("/api/main/editors", editors)]
    source = {"kind": "mosswiki", "auth": {"scheme": "bearer", "token": TOKEN}}
    return simulator("mosswiki", routes, control=Control(), source=source)
