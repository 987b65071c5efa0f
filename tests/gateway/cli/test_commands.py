"""The command line: what it prints, how it ends, and that it serves."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import aiohttp
import grpc
import pytest

from gateway.settings.configuration import load_settings
from tests.gateway.cli.processes import run, started
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse
from unified.analytics.v1.outcome_pb2 import SourceOutcome

ANYWHERE = ("--grpc-address", "127.0.0.1:0", "--rest-address", "127.0.0.1:0")


async def test_the_version_is_that_of_the_package() -> None:
    ended = await run("--version")

    assert (0, f"analytics-gateway {version('analytics-gateway')}\n") == (ended.code, ended.out)


async def test_help_names_every_command() -> None:
    ended = await run("--help")

    assert 0 == ended.code
    assert {"serve", "sandbox", "check", "health"} <= set(ended.out.split())


async def test_the_sandbox_serves_every_kind_over_grpc_and_rest() -> None:
    async with started("serve", "--sandbox", *ANYWHERE) as gateway:
        ready = await gateway.event("ready")
        async with grpc.aio.insecure_channel(ready["grpc_address"]) as channel:
            ask: grpc.aio.UnaryUnaryMultiCallable[ListMetricsRequest, ListMetricsResponse] = channel.unary_unary(
                "/unified.analytics.v1.AnalyticsService/ListMetrics",
                ListMetricsRequest.SerializeToString,
                ListMetricsResponse.FromString,
            )
            answer = await ask(ListMetricsRequest())
        async with aiohttp.ClientSession() as session, session.get(f"http://{ready['rest_address']}/v1/metrics") as got:
            document = await got.json()
        code = await gateway.stop()

    assert {"ai", "crm", "docs"} == {outcome.source for outcome in answer.outcomes}
    assert {SourceOutcome.STATE_ANSWERED} == {outcome.state for outcome in answer.outcomes}
    assert len(answer.metrics) == len(document["metrics"])
    assert 0 == code


async def test_the_sandbox_says_what_to_try() -> None:
    async with started("serve", "--sandbox", *ANYWHERE) as gateway:
        ready = await gateway.event("ready")
        await gateway.line()
        said = [await gateway.line() for _ in range(14)]

    assert any(f"curl http://{ready['rest_address']}/v1/overview" in line for line in said)
    assert any("freshness=FRESH" in line for line in said)
    assert any("/_simulator -d" in line for line in said)


async def test_logs_are_json_where_nobody_watches() -> None:
    async with started("serve", "--sandbox", *ANYWHERE) as gateway:
        ready = await gateway.event("ready")

    assert {"event", "level", "timestamp", "grpc_address", "rest_address"} == set(ready)


async def test_a_configuration_error_is_one_line_and_exit_code_2(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text('[sources.ai]\nkind = "zylon"\nbase_rl = "https://zylon.example.com"\n', "utf-8")

    ended = await run("serve", "--config", str(file))

    assert 2 == ended.code
    assert 'analytics-gateway: sources.ai.base_rl: unknown key; did you mean "base_url"?\n' == ended.err


async def test_a_configuration_and_the_sandbox_exclude_each_other() -> None:
    ended = await run("serve", "--sandbox", "--config", "x.toml")

    assert 2 == ended.code
    assert "exclude each other" in ended.err


@pytest.mark.parametrize("front", ["--grpc-address", "--rest-address"])
async def test_a_port_in_use_is_one_line_and_exit_code_1(front: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = await run("serve", "--sandbox", *ANYWHERE, front, address)

    assert 1 == ended.code
    assert ended.err.startswith(f"analytics-gateway: cannot listen on {address}")
    assert 1 == ended.err.count("\n")


async def test_the_sandbox_alone_prints_tables_that_a_gateway_can_be_configured_with() -> None:
    async with started("sandbox", "--events", "1000", "--seed", "2") as simulators:
        tables = json.loads(await simulators.line())["sources"]
        code = await simulators.stop()

    settings = load_settings(None, sources=tables, environ={})
    assert ["ai", "crm", "docs"] == [source.id for source in settings.sources]
    assert 0 == code


async def test_a_simulator_can_be_given_its_port() -> None:
    port, told = 0, ""
    while not told:  # another may have taken the port by then
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        async with started("sandbox", "--zylon-port", str(port)) as simulators:
            told = await simulators.line()

    assert f"http://127.0.0.1:{port}" == json.loads(told)["sources"]["ai"]["base_url"]


async def test_a_simulators_port_in_use_is_one_line_and_exit_code_1() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = await run("sandbox", "--zylon-port", str(taken.getsockname()[1]))

    assert 1 == ended.code
    assert ended.err.startswith("analytics-gateway: cannot simulate zylon on port")
    assert 1 == ended.err.count("\n")


async def test_a_second_signal_ends_it_at_once() -> None:
    async with started("serve", "--sandbox", *ANYWHERE) as gateway, aiohttp.ClientSession() as session:
        ready = await gateway.event("ready")
        stream = await session.get(f"http://{ready['rest_address']}/v1/events:stream")
        gateway.process.send_signal(signal.SIGTERM)
        await gateway.event("stopping")
        gateway.process.send_signal(signal.SIGINT)
        code = await gateway.process.wait()
        stream.close()

    assert 128 + signal.SIGINT == code


@pytest.fixture
def unwritten(tmp_path: Path) -> Iterator[Path]:
    """A configuration that nobody writes: whoever reads it waits. In the end nobody waits for a reader any more."""
    pipe = tmp_path / "gateway.toml"
    os.mkfifo(pipe)
    yield pipe
    os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_a_gateway_that_still_starts(unwritten: Path, number: signal.Signals) -> None:
    """As process 1 of a container it would else be deaf until it serves."""
    async with started("serve", "--config", str(unwritten)) as gateway:
        with await asyncio.to_thread(unwritten.open, "w"):  # opens when the gateway opens it too
            gateway.process.send_signal(number)
            _, said = await gateway.process.communicate()

    assert (128 + number, b"") == (gateway.process.returncode, said)
