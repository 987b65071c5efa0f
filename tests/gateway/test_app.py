"""The whole gateway in this process: what it opens, and how it stops."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import aiohttp
import grpc
import pytest
import structlog
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from structlog.testing import LogCapture

from adapters import Adapter
from adapters.clock import SystemClock
from adapters.inquiry import Inquiry
from adapters.outside import Outside
from adapters.settings import SourceSettings
from adapters.simulation import Simulator, World
from gateway.app import gateway
from gateway.listening import Addresses, CannotListenError
from gateway.settings.configuration import ConfiguredSource, Settings
from gateway.settings.server import ServerSettings
from tests.fakes import FakeSource, HangingSource
from tests.keeping import Kept, kept_connection
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse

SERVING, NOT_SERVING = HealthCheckResponse.SERVING, HealthCheckResponse.NOT_SERVING
OTHER = "/v1/metrics?endTime=2026-01-01T00:00:00Z"
"""Another question than that of `list_metrics`, with which it would share one request to the source."""
ANYWHERE = {"grpc_address": "127.0.0.1:0", "rest_address": "127.0.0.1:0"}

Patience = Callable[[float], None]


@pytest.fixture
def patience(monkeypatch: pytest.MonkeyPatch) -> Patience:
    """Sets for how many seconds a connection without a call stays open while the gateway stops."""
    return lambda seconds: monkeypatch.setattr("gateway.listening._PATIENCE", seconds)


class HeldSource(FakeSource):
    """Answers when it is let, and writes into `log` that it did."""

    def __init__(self) -> None:
        super().__init__("held", things=12)
        self.log: list[str] = []
        self.called = asyncio.Event()
        self.release = asyncio.Event()

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        self.called.set()
        await self.release.wait()
        await super().ready(inquiry, question)
        self.log.append("answered")


@dataclass(slots=True, kw_only=True)
class Fixture:
    """A configuration with one fake source, and what became of it."""

    source: FakeSource
    closed: list[str] = field(default_factory=list)
    capture: LogCapture = field(default_factory=LogCapture)

    def run(self, **server: object) -> AbstractAsyncContextManager[Addresses]:
        """The gateway, listening."""
        log = structlog.wrap_logger(None, [self.capture], structlog.make_filtering_bound_logger(0))
        settings = Settings(server=ServerSettings.model_validate({**ANYWHERE, **server}), sources=(self._configured(),))
        return gateway(settings, log, SystemClock())

    def _configured(self) -> ConfiguredSource:
        settings = SourceSettings.model_validate({"kind": "fake"})
        adapter = Adapter(
            kind="fake", display_name="Fake", settings=SourceSettings, open=self._open, simulator=_no_simulator
        )
        return ConfiguredSource(id=self.source.id, adapter=adapter, settings=settings)

    @asynccontextmanager
    async def _open(self, source: str, _settings: SourceSettings, _outside: Outside) -> AsyncIterator[FakeSource]:
        try:
            yield self.source
        finally:
            self.closed.append(source)


def _no_simulator(_world: World) -> Simulator:
    raise AssertionError("nothing here is simulated")


async def list_metrics(channel: grpc.aio.Channel) -> ListMetricsResponse:
    ask: grpc.aio.UnaryUnaryMultiCallable[ListMetricsRequest, ListMetricsResponse] = channel.unary_unary(
        "/unified.analytics.v1.AnalyticsService/ListMetrics",
        ListMetricsRequest.SerializeToString,
        ListMetricsResponse.FromString,
    )
    return await ask(ListMetricsRequest())


async def test_both_fronts_answer_from_the_same_source() -> None:
    async with Fixture(source=FakeSource("fake", things=12)).run() as addresses:
        async with grpc.aio.insecure_channel(str(addresses.grpc)) as channel:
            over_grpc = await list_metrics(channel)
        async with aiohttp.ClientSession(f"http://{addresses.rest}") as session:
            over_rest = await (await session.get("/v1/metrics")).json()

    assert [("fake.things", 12)] == [(metric.metric, metric.value) for metric in over_grpc.metrics]
    assert [("fake.things", 12)] == [(metric["metric"], metric["value"]) for metric in over_rest["metrics"]]


async def test_a_stop_lets_calls_under_way_finish_takes_no_new_ones_and_closes_the_sources_last() -> None:
    source = HeldSource()
    under_test = Fixture(source=source, closed=source.log)
    running = under_test.run()
    addresses = await running.__aenter__()
    rest = f"http://{addresses.rest}"
    async with grpc.aio.insecure_channel(str(addresses.grpc)) as channel, aiohttp.ClientSession() as session:
        health = aiter(watch(channel))
        assert SERVING == (await anext(health)).status
        assert 200 == await get(session, f"{rest}/readyz")
        over_grpc = asyncio.create_task(list_metrics(channel))
        await source.called.wait()
        source.called.clear()
        over_rest = asyncio.create_task(get(session, rest + OTHER))
        await source.called.wait()

        stop = asyncio.create_task(running.__aexit__(None, None, None))
        assert NOT_SERVING == (await anext(health)).status
        with pytest.raises(aiohttp.ClientConnectorError):
            await as_long_as_it_listens(session, f"{rest}/readyz")
        # A call that meets the server's goodbye on its way is cancelled by gRPC: the client has to have heard it.
        await channel.wait_for_state_change(grpc.ChannelConnectivity.READY)
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await list_metrics(channel)
        assert not stop.done()
        source.release.set()
        answer, status = await asyncio.gather(over_grpc, over_rest)
        await stop

    assert grpc.StatusCode.UNAVAILABLE == refused.value.code()
    assert [12] == [metric.value for metric in answer.metrics]
    assert 200 == status
    assert ["answered", "answered", "held"] == source.log


async def test_while_it_stops_it_answers_once_more_on_each_connection_that_is_open(patience: Patience) -> None:
    """A client that keeps its connections loses no call, and makes the next one on a connection to somebody else."""
    patience(60)
    async with held() as (address, source, stop), kept_connection(address) as kept, aiohttp.ClientSession() as session:
        stopping = asyncio.create_task(stop())
        with pytest.raises(aiohttp.ClientConnectorError):
            await as_long_as_it_listens(session, f"http://{address}/healthz")

        assert ("held", True) == await asked(kept)
        assert await kept.get("/v1/sources") is None

        source.release.set()
        await stopping


async def test_connections_that_wait_to_be_accepted_when_it_stops_are_answered(patience: Patience) -> None:
    patience(0.0)
    with ExitStack() as clients:
        async with Fixture(source=FakeSource("held", things=12)).run() as addresses:
            address = (addresses.rest.host, addresses.rest.port)
            waiting = [clients.enter_context(socket.create_connection(address)) for _ in range(20)]
            for client in waiting:
                client.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")

        assert [b"HTTP/1.1 200 OK"] * len(waiting) == [client.recv(15) for client in waiting]


async def test_while_it_stops_it_leaves_no_connection_open_on_which_nobody_calls(patience: Patience) -> None:
    """However long another's call still takes."""
    patience(0.01)
    async with held() as (address, source, stop), kept_connection(address) as kept:
        stopping = asyncio.create_task(stop())

        assert b"" == await kept.rest()
        assert [] == source.log

        source.release.set()
        await stopping


async def test_of_replicas_on_one_port_the_one_that_stops_leads_its_clients_to_the_other(patience: Patience) -> None:
    """Which of them a new connection leads to is the kernel's choice, as long as both listen."""
    patience(60)
    one, other = Fixture(source=FakeSource("one", things=1)), Fixture(source=FakeSource("other", things=1))
    first = one.run(reuse_port=True)
    shared = str((await first.__aenter__()).rest)
    async with other.run(reuse_port=True, rest_address=shared), AsyncExitStack() as stack:
        clients: dict[str, list[Kept]] = {"one": [], "other": []}
        while not all(clients.values()):
            client = await stack.enter_async_context(kept_connection(shared))
            clients[(await asked(client))[0]].append(client)

        stopping = asyncio.create_task(first.__aexit__(None, None, None))
        for client in clients["one"]:
            while not (answer := await asked(client))[1]:
                assert "one" == answer[0]
        for client in clients["other"]:
            assert ("other", False) == await asked(client)
        async with kept_connection(shared) as anew:
            assert ("other", False) == await asked(anew)
        await stopping


async def test_calls_that_take_longer_than_the_grace_are_cut() -> None:
    source = HangingSource("fake")
    running = Fixture(source=source).run(grace=0.01)
    addresses = await running.__aenter__()
    async with grpc.aio.insecure_channel(str(addresses.grpc)) as channel, aiohttp.ClientSession() as session:
        over_grpc = asyncio.create_task(list_metrics(channel))
        await source.hanging.wait()
        source.hanging.clear()
        over_rest = asyncio.create_task(get(session, f"http://{addresses.rest}{OTHER}"))
        await source.hanging.wait()

        # The grace is real time here, and short.
        await running.__aexit__(None, None, None)

        ends = await asyncio.gather(over_grpc, over_rest, return_exceptions=True)
    assert isinstance(ends[0], grpc.aio.AioRpcError)
    assert isinstance(ends[1], aiohttp.ClientConnectionError)
    assert 2 == source.left


async def test_a_front_that_cannot_listen_is_told_and_the_rest_is_taken_down() -> None:
    first, second = Fixture(source=FakeSource("one", things=1)), Fixture(source=FakeSource("two", things=1))
    async with first.run() as addresses:
        for front in ({"grpc_address": str(addresses.grpc)}, {"rest_address": str(addresses.rest)}):
            with pytest.raises(CannotListenError, match=next(iter(front.values()))):
                await second.run(**front).__aenter__()

    assert ["two", "two"] == second.closed


@pytest.mark.parametrize("host", ["a" * 70, "ü" * 70], ids=["too long", "too long in its encoding"])
async def test_a_host_that_does_not_exist_is_told(host: str) -> None:
    under_test = Fixture(source=FakeSource("one", things=1))

    with pytest.raises(CannotListenError, match=f"^cannot listen on {host}:0 for gRPC: there is no such host$"):
        await under_test.run(grpc_address=f"{host}:0").__aenter__()


@asynccontextmanager
async def held() -> AsyncIterator[tuple[str, HeldSource, Callable[[], Coroutine[Any, Any, object]]]]:
    """A gateway with a call over REST under way: where that is, whom it waits for, and how to stop the gateway.

    Other clients have come and gone before.
    """
    source = HeldSource()
    running = Fixture(source=source, closed=source.log).run()
    address = str((await running.__aenter__()).rest)
    async with kept_connection(address) as gone:
        await gone.get("/healthz", connection="close")
        assert b"" == await gone.rest()
    async with aiohttp.ClientSession() as session:
        call = asyncio.create_task(get(session, f"http://{address}{OTHER}"))
        await source.called.wait()
        yield address, source, lambda: running.__aexit__(None, None, None)
        assert 200 == await call
    assert ["answered", "held"] == source.log


async def asked(client: Kept) -> tuple[str, bool]:
    """The only source of the gateway at the other end, and whether this was the last answer on the connection."""
    answer = await client.get("/v1/sources")
    assert answer is not None
    source: str = json.loads(answer[1])["sources"][0]["source"]
    return source, "connection: close" in answer[0]


async def get(session: aiohttp.ClientSession, url: str) -> int:
    async with session.get(url) as response:
        await response.read()
        return response.status


async def as_long_as_it_listens(session: aiohttp.ClientSession, url: str) -> NoReturn:
    while True:
        await get(session, url)


def watch(channel: grpc.aio.Channel) -> grpc.aio.UnaryStreamCall[HealthCheckRequest, HealthCheckResponse]:
    ask: grpc.aio.UnaryStreamMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_stream(
        "/grpc.health.v1.Health/Watch", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    return ask(HealthCheckRequest())
