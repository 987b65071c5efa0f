"""Asking a gateway whether it serves: how it is found, what is told, and with which exit code."""

import asyncio
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from gateway.rpc import Health
from tests.gateway.cli.processes import Ended, run

HEAVY = {"adapters", "aiohttp", "gateway.app", "gateway.settings.configuration", "unified"}
LOADED = """
import sys
from gateway.cli import main
try:
    main()
finally:
    print(*sys.modules)
"""


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6 loopback")


@asynccontextmanager
async def answering(*handlers: grpc.GenericRpcHandler, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """A gRPC server with these handlers; gives its address."""
    server = grpc.aio.server()
    server.add_generic_rpc_handlers(handlers)
    port = server.add_insecure_port(f"{host}:0")
    await server.start()
    try:
        yield f"{host}:{port}"
    finally:
        await server.stop(0)


def saying(status: int) -> grpc.GenericRpcHandler:
    """Somebody else's health service, which always answers so."""

    async def check(_request: HealthCheckRequest, _context: object) -> HealthCheckResponse:
        return HealthCheckResponse(status=status)  # type: ignore[arg-type]  # also what is no status

    handler = grpc.unary_unary_rpc_method_handler(
        check, HealthCheckRequest.FromString, HealthCheckResponse.SerializeToString
    )
    return grpc.method_handlers_generic_handler("grpc.health.v1.Health", {"Check": handler})


async def ask(*arguments: str, environ: Mapping[str, str] | None = None) -> Ended:
    """`analytics-gateway health`, with all the time that a busy machine may take."""
    return await run("health", "--timeout", "60", *arguments, environ=environ)


async def test_a_gateway_that_serves_is_healthy() -> None:
    async with answering(Health([]).handler()) as address:
        ended = await ask("--grpc-address", address)

    assert (0, f"{address} is serving\n", "") == (ended.code, ended.out, ended.err)


async def test_a_gateway_that_stops_is_not() -> None:
    health = Health([])
    health.stop_serving()
    async with answering(health.handler()) as address:
        ended = await ask("--grpc-address", address)

    assert (1, "", f"analytics-gateway: {address} answers NOT_SERVING\n") == (ended.code, ended.out, ended.err)


async def test_a_status_that_nobody_defined_is_told_as_it_is() -> None:
    async with answering(saying(99)) as address:
        ended = await ask("--grpc-address", address)

    assert (1, f"analytics-gateway: {address} answers 99\n") == (ended.code, ended.err)


async def test_a_server_without_health_is_not_healthy() -> None:
    async with answering() as address:
        ended = await ask("--grpc-address", address)

    assert 1 == ended.code
    assert ended.err.startswith(f"analytics-gateway: {address} does not answer: UNIMPLEMENTED")


async def test_where_nobody_listens_nobody_is_healthy() -> None:
    async with answering() as left:
        pass
    ended = await ask("--grpc-address", left)

    assert (1, 1) == (ended.code, ended.err.count("\n"))
    assert ended.err.startswith(f"analytics-gateway: {left} does not answer: UNAVAILABLE")


async def test_one_who_is_silent_is_not_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        ended = await run("health", "--grpc-address", address, "--timeout", "0.1")

    assert 1 == ended.code
    assert ended.err.startswith(f"analytics-gateway: {address} does not answer: ")


@pytest.mark.parametrize(
    ("everywhere", "loopback"),
    [
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - nobody listens there, it is only asked
        pytest.param("[::]", "[::1]", marks=needs_ipv6),
    ],
)
async def test_one_who_listens_everywhere_is_asked_on_loopback(everywhere: str, loopback: str) -> None:
    async with answering(Health([]).handler(), host=loopback) as address:
        ended = await ask("--grpc-address", address.replace(loopback, everywhere))

    assert (0, f"{address} is serving\n") == (ended.code, ended.out)


async def test_of_the_configuration_only_the_server_is_looked_at(tmp_path: Path) -> None:
    """The health check may be denied the secrets, and still tell of a gateway that has them."""
    file = tmp_path / "gateway.toml"
    async with answering(Health([]).handler()) as address:
        file.write_text(
            f'[server]\ngrpc_address = "{address}"\n[sources.x]\nkind = "?"\nauth.token_file = "/?"\n', "utf-8"
        )
        ended = await ask("--config", str(file))

    assert 0 == ended.code


async def test_the_environment_says_where_as_it_does_for_the_gateway() -> None:
    async with answering(Health([]).handler()) as address:
        ended = await ask(environ={"ANALYTICS_GATEWAY_SERVER__GRPC_ADDRESS": address})

    assert 0 == ended.code


async def test_a_proxy_is_for_others() -> None:
    """Nobody listens on port 1; were the proxy asked, nobody would answer."""
    proxy = dict.fromkeys(("http_proxy", "https_proxy", "grpc_proxy", "HTTP_PROXY"), "http://127.0.0.1:1")
    async with answering(Health([]).handler()) as address:
        ended = await ask("--grpc-address", address, environ=proxy)

    assert 0 == ended.code


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--grpc-address", "here"), "server.grpc_address: must be HOST:PORT"),
        (("--grpc-address", "127.0.0.1:0"), "server.grpc_address: port 0 means any"),
        (("--config", "/nowhere.toml"), "/nowhere.toml: cannot be read"),
    ],
)
async def test_a_configuration_that_is_wrong_is_one_line_and_exit_code_2(arguments: tuple[str, ...], told: str) -> None:
    ended = await ask(*arguments)

    assert (2, 1) == (ended.code, ended.err.count("\n"))
    assert ended.err.startswith(f"analytics-gateway: {told}")


async def test_it_loads_nothing_that_it_does_not_need() -> None:
    """It runs every few seconds for as long as the gateway does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOADED, "health", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    out, _ = await process.communicate()
    loaded = set(out.decode().split())

    assert "grpc" in loaded
    assert set() == HEAVY & loaded
