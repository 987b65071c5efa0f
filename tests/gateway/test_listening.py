"""Where the fronts listen, with whom they share it, and for how long a client stays."""

import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import aiohttp
import grpc
import pytest
import structlog

from adapters.clock import SystemClock
from gateway.app import gateway
from gateway.listening import Addresses, CannotListenError
from gateway.rpc import Health, build_server
from gateway.settings.configuration import Settings
from gateway.settings.server import ServerSettings
from tests.gateway.cli.processes import started
from tests.gateway.pipeline.fakes import CONTRACT, fixture
from unified.analytics.v1.source_service_pb2 import ListSourcesRequest, ListSourcesResponse

SHARED = {"ANALYTICS_GATEWAY_SERVER__REUSE_PORT": "true"}


@contextmanager
def held_port() -> Iterator[str]:
    """The address of a port that nobody is given meanwhile, and that only those who share it can listen on."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{held.getsockname()[1]}"


@asynccontextmanager
async def replica(**server: object) -> AsyncIterator[Addresses]:
    """A gateway without sources, anywhere unless told otherwise."""
    anywhere = {"grpc_address": "127.0.0.1:0", "rest_address": "127.0.0.1:0"}
    settings = ServerSettings.model_validate({**anywhere, **server})
    log = structlog.wrap_logger(None, [], structlog.make_filtering_bound_logger("critical"))
    async with gateway(Settings(server=settings, sources=()), log, SystemClock()) as addresses:
        yield addresses


async def over_grpc(address: str) -> str:
    """The only source of the gateway that answers there, asked over a connection of its own."""
    # Channels of one process share their connections unless told otherwise.
    own = (("grpc.use_local_subchannel_pool", 1),)
    async with grpc.aio.insecure_channel(address, own) as channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[ListSourcesRequest, ListSourcesResponse] = channel.unary_unary(
            "/unified.analytics.v1.SourceService/ListSources",
            ListSourcesRequest.SerializeToString,
            ListSourcesResponse.FromString,
        )
        return (await ask(ListSourcesRequest())).sources[0].source


async def over_rest(address: str) -> str:
    """The same over REST."""
    async with aiohttp.ClientSession() as client, client.get(f"http://{address}/v1/sources") as answer:
        source: str = (await answer.json())["sources"][0]["source"]
        return source


def configured(folder: Path, source: str) -> tuple[str, ...]:
    """What a gateway is told that has one source, which it never asks."""
    auth = '{ scheme = "bearer", token = "t" }'
    lines = [f"[sources.{source}]", 'kind = "zylon"', 'base_url = "http://127.0.0.1:9"', 'org = "o"', f"auth = {auth}"]
    file = folder / f"{source}.toml"
    file.write_text("\n".join(lines), "utf-8")
    return ("serve", "--config", str(file))


async def test_two_processes_share_both_ports_and_both_answer(tmp_path: Path) -> None:
    """Which one answers is the kernel's choice, connection by connection."""
    with held_port() as shared_grpc, held_port() as shared_rest:
        where = ("--grpc-address", shared_grpc, "--rest-address", shared_rest)
        one, other = (configured(tmp_path, source) for source in ("one", "other"))
        async with started(*one, *where, environ=SHARED) as first, started(*other, *where, environ=SHARED) as second:
            for each in (first, second):
                ready = await each.event("ready")
                assert (shared_grpc, shared_rest) == (ready["grpc_address"], ready["rest_address"])

            for ask, address in ((over_grpc, shared_grpc), (over_rest, shared_rest)):
                seen: set[str] = set()
                while seen != {"one", "other"}:
                    seen.add(await ask(address))


@pytest.mark.parametrize(("first", "second"), [(False, False), (False, True), (True, False)])
@pytest.mark.parametrize("front", ["gRPC", "REST"])
async def test_a_port_is_shared_only_if_both_share_it(front: str, first: bool, second: bool) -> None:  # noqa: FBT001 - parameters of pytest's
    async with replica(reuse_port=first) as addresses:
        taken = addresses.grpc if front == "gRPC" else addresses.rest
        with pytest.raises(CannotListenError, match=f"cannot listen on {taken} for {front}: Address already in use"):
            async with replica(reuse_port=second, **{f"{front.lower()}_address": str(taken)}):
                pass


async def test_a_connection_of_grpc_ends_at_its_age_and_calls_go_on() -> None:
    """The client is told so, and makes another one for its next call."""
    young = ServerSettings.model_construct(**{**dict(ServerSettings()), "max_connection_age": 0.05})
    server = build_server(CONTRACT, fixture().pipeline, Health(()), young)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
            check: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary("/grpc.health.v1.Health/Check")
            for _ in range(2):
                await check(b"")
                while (state := channel.get_state()) is grpc.ChannelConnectivity.READY:
                    await channel.wait_for_state_change(state)
    finally:
        await server.stop(None)
