"""The gateway as a process: it says where it listens, and it ends as it is told, with what it had begun."""

import asyncio
import json
import signal
from collections.abc import AsyncGenerator, AsyncIterator

import aiohttp
import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from tests.end_to_end.processes import ANY_PORTS, Process, command, ready, stop
from tests.end_to_end.serving import Json

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING


@pytest.fixture
async def process() -> AsyncIterator[Process]:
    """A gateway with all upstreams, simulated."""
    async with command("serve", "--sandbox", *ANY_PORTS) as started:
        yield started


async def get(line: Json, path: str) -> tuple[int, bytes]:
    async with aiohttp.request("GET", f"http://{line['rest_address']}{path}") as response:
        return response.status, await response.read()


async def health(channel: grpc.aio.Channel) -> AsyncGenerator[HealthCheckResponse.ServingStatus]:
    """The state of the whole gateway, now and whenever it changes."""
    watch: grpc.aio.UnaryStreamMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_stream(
        "/grpc.health.v1.Health/Watch", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    async for change in watch(HealthCheckRequest()):
        yield change.status


async def test_it_says_where_it_listens_and_ends_when_it_is_told(process: Process) -> None:
    line = await ready(process)

    overview, body = await get(line, "/v1/overview")
    alive, is_ready = [(await get(line, path))[0] for path in ("/healthz", "/readyz")]
    code = await stop(process)

    assert (200, 200, 200) == (overview, alive, is_ready)
    assert {"STATE_ANSWERED"} == {outcome["state"] for outcome in json.loads(body)["outcomes"]}
    assert 0 == code


async def test_told_to_stop_it_takes_no_more_connections_and_ends_the_calls_that_it_has(process: Process) -> None:
    """A stream of a month goes on to its end, as slowly as it is read, and nobody else should come meanwhile."""
    line = await ready(process)
    async with (
        grpc.aio.insecure_channel(line["grpc_address"]) as channel,
        aiohttp.ClientSession(f"http://{line['rest_address']}") as session,
        session.get("/v1/events:stream") as stream,
    ):
        states = health(channel)
        before = await anext(states)
        first = await stream.content.readany()

        process.send_signal(signal.SIGTERM)
        after = await anext(states)
        while await is_listening(line):
            pass
        items = (first + await stream.read()).splitlines()

    assert (SERVING, NOT_SERVING) == (before, after)
    assert "batch" in json.loads(items[0])
    assert "end" in json.loads(items[-1])
    assert 0 == await asyncio.wait_for(process.wait(), 10)


async def is_listening(line: Json) -> bool:
    """Whether the REST front takes new connections."""
    try:
        await get(line, "/healthz")
    except aiohttp.ClientError:
        return False
    return True
