"""The REST front on a port of its own, over services that do as a test says."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import aiohttp
from aiohttp import web
from multidict import CIMultiDictProxy

from adapters.clock import Clock, SystemClock
from gateway.pipeline import Call, DeadlinePolicy
from gateway.rest import build_app, build_http_server
from tests.gateway.pipeline.fakes import CONTRACT, Fixture, fixture, small_fixture
from unified.analytics.v1.analytics_service_pb2 import (
    ListEventsRequest,
    ListEventsResponse,
    ListMetricsRequest,
    ListMetricsResponse,
    QueryRankingRequest,
    QueryRankingResponse,
)
from unified.analytics.v1.event_pb2 import Event
from unified.analytics.v1.source_service_pb2 import CheckSourceRequest, CheckSourceResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A whole response."""

    status: int
    headers: CIMultiDictProxy[str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        return json.loads(self.body)

    @property
    def reason(self) -> str:
        """The contract's ErrorReason of a problem."""
        reason: str = self.json["error"]["details"][0]["reason"]
        return reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running front, and a client for it."""

    port: int
    client: aiohttp.ClientSession
    behind: Fixture

    async def ask(self, verb: str, path: str, **options: Any) -> Answer:  # noqa: ANN401 - aiohttp's own
        """Send a request, follow nothing, and read the whole response."""
        async with self.client.request(verb, path, allow_redirects=False, **options) as response:
            return Answer(status=response.status, headers=response.headers, body=await response.read())

    async def get(self, path: str, **headers: str) -> Answer:
        return await self.ask("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})

    async def coded(self, path: str, **headers: str) -> Answer:
        """As `get`, but it accepts no coding by itself, and leaves a body as it came."""
        skipped = ["Accept-Encoding"]
        async with aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=skipped) as client:
            return await replace(self, client=client).get(f"http://127.0.0.1:{self.port}{path}", **headers)

    async def raw(self, request: str) -> bytes:
        """What the server sends for exactly these bytes, until it closes the connection."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request.replace("\n", "\r\n").encode("latin-1"))
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    async def first(self, request: str) -> bytes:
        """The head of the first thing that the server sends for these bytes, after which there come no more."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(request.replace("\n", "\r\n").encode("latin-1"))
        async with asyncio.timeout(30):
            head = await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()
        return head


@asynccontextmanager
async def serving(
    *,
    clock: Clock | None = None,
    deadlines: DeadlinePolicy | None = None,
    ready: Callable[[], bool] = lambda: True,
    max_connection_age: float = 300,
    max_calls: int | None = None,
    **methods: Callable[..., object],
) -> AsyncIterator[Served]:
    """Serve the contract's methods; those that a test does not give are fakes'."""
    clock = clock or SystemClock()
    behind = small_fixture(max_calls, clock, **methods) if max_calls else fixture(clock, deadlines, **methods)
    app = build_app(contract=CONTRACT, pipeline=behind.pipeline, ready=ready, registry=behind.telemetry.registry)
    server = build_http_server(app, max_connection_age=max_connection_age)
    runner = web.ServerRunner(server, shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port = runner.addresses[0][1]
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as client:
            yield Served(port=port, client=client, behind=behind)
    finally:
        await runner.cleanup()


class Recorder:
    """Methods that keep what they were asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []

    async def query_ranking(self, request: QueryRankingRequest, _call: Call) -> QueryRankingResponse:
        self.asked.append(request)
        return QueryRankingResponse()

    async def list_metrics(self, request: ListMetricsRequest, _call: Call) -> ListMetricsResponse:
        self.asked.append(request)
        return ListMetricsResponse()

    async def list_events(self, request: ListEventsRequest, _call: Call) -> ListEventsResponse:
        self.asked.append(request)
        return ListEventsResponse(events=[Event(source="docs", attributes_json='{"n": 1}')])

    async def check_source(self, request: CheckSourceRequest, _call: Call) -> CheckSourceResponse:
        self.asked.append(request)
        return CheckSourceResponse()
