"""Callers that leave at any moment, and what is left of them."""

import asyncio

import pytest
from aiohttp import web

from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing
from tests.adapters.transport.waiting import no_complaints
from tests.clock import VirtualClock

LIMITS = {"concurrency": 4, "queue": 100, "rate": 1, "burst": 3}
"""Some are under way, some wait for a token, and the rest for a place."""


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55])
async def test_whoever_leaves_at_whatever_moment_takes_nothing_along(turns: int) -> None:
    failing = iter([503, 503])

    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=next(failing, 200), text="{}")

    clock = VirtualClock()
    async with (
        no_complaints(),
        playing(answer) as base,
        opened(base, clock=clock, attempts=3, limits=LIMITS) as upstream,
    ):
        asking = [asyncio.create_task(upstream.ask(GET, as_sent, an_inquiry(clock, seconds=900))) for _ in range(20)]
        for place, one in enumerate(asking):
            for _ in range(turns if place % 3 else 0):
                await asyncio.sleep(0)
            one.cancel()
        await asyncio.wait(asking)

        protection = upstream.connection.protection
        assert protection is not None
        assert (protection.in_flight, protection.waiting, protection.circuit) == (0, 0, "closed")
        clock.flowing = True
        assert await upstream.ask(GET, as_sent, an_inquiry(clock, seconds=900)) == b"{}"
