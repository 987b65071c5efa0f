"""Equal calls at the same time, over both fronts, are one request to the upstream. No time passes here."""

import asyncio

from aiohttp import web

from adapters.simulation import Fault
from tests.adapters.transport.playing import playing
from tests.clock import VirtualClock
from tests.end_to_end.outcomes import ANSWERED
from tests.end_to_end.serving import serving, tables
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest
from unified.analytics.v1.freshness_pb2 import FRESHNESS_FRESH

OVER_GRPC, OVER_REST = 950, 50
"""Of a thousand. A client over HTTP has a hundred connections."""

QUESTION = ListMetricsRequest(metrics=["superoffice.contacts"], freshness=FRESHNESS_FRESH)
"""Whoever comes too late to share a request makes another: nothing that was said before will do."""


async def test_a_thousand_calls_are_one_request() -> None:
    gate, asked = asyncio.Event(), []

    async def answer(request: web.Request) -> web.Response:
        asked.append(request.path)
        await gate.wait()
        return web.json_response({"TotContact": 5})

    async with playing(answer) as address:
        auth = {"scheme": "bearer", "token": "abc"}
        crm = {"kind": "superoffice", "base_url": address, "auth": auth}
        async with serving({"crm": crm}, clock=VirtualClock(), max_calls="2000") as gateway:
            calls = [asyncio.create_task(gateway.unary(QUESTION)) for _ in range(OVER_GRPC)]
            requests = [asyncio.create_task(gateway.rest(QUESTION)) for _ in range(OVER_REST)]
            await gateway.has_under_way(OVER_GRPC + OVER_REST)
            gate.set()
            answers, replies = await asyncio.gather(*calls), await asyncio.gather(*requests)

    assert {ANSWERED} == {outcome.state for answer in answers for outcome in answer.outcomes}
    assert {(200, replies[0].body)} == {(reply.status, reply.body) for reply in replies}
    assert 1 == len(asked)


async def test_the_request_is_closed_when_the_last_of_them_leaves_and_not_before(upstreams: Upstreams) -> None:
    control = (await upstreams.get("superoffice")).control
    control.faults.append(Fault(mode="hang"))
    crm = (await tables(upstreams))["crm"]
    async with serving({"crm": crm}, clock=VirtualClock()) as gateway:
        first, *others = [asyncio.create_task(gateway.unary(QUESTION)) for _ in range(3)]
        await gateway.has_under_way(3)
        first.cancel()
        await gateway.has_under_way(2)
        assert (control.asked, control.closed_early) == (1, 0)

        for call in others:
            call.cancel()
        await control.until(lambda seen: seen.closed_early == 1)

    assert 1 == control.asked
