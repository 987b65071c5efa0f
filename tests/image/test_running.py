"""The gateway in a container that has no rights and can write nowhere: it serves, is well, and ends as it is told."""

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse

from tests.image.engine import HOST_NETWORK, NO_NETWORK, Container, Engine
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse
from unified.analytics.v1.outcome_pb2 import SourceOutcome

ANY_PORTS = ("--grpc-address", "127.0.0.1:0", "--rest-address", "127.0.0.1:0")
NO_SOURCES = "analytics-gateway: sources: none is configured; name a file with --config, or try the simulated ones"


@pytest.fixture
async def sandbox(engine: Engine) -> AsyncIterator[Container]:
    """The gateway with all upstreams simulated, on free ports of the machine."""
    async with engine.container(HOST_NETWORK, "serve", "--sandbox", *ANY_PORTS) as container:
        yield container


def in_folder(folder: Path, name: str) -> Path:
    """A file to be, in a folder that the container's user may enter too."""
    folder.chmod(0o755)
    return folder / name


@pytest.fixture
def unwritten(tmp_path: Path) -> Iterator[Path]:
    """A configuration that nobody writes: whoever reads it waits. In the end nobody waits for a reader any more."""
    pipe = in_folder(tmp_path, "gateway.toml")
    os.mkfifo(pipe)
    yield pipe
    os.close(os.open(pipe, os.O_RDONLY | os.O_NONBLOCK))


async def list_metrics(channel: grpc.aio.Channel) -> ListMetricsResponse:
    ask: grpc.aio.UnaryUnaryMultiCallable[ListMetricsRequest, ListMetricsResponse] = channel.unary_unary(
        "/unified.analytics.v1.AnalyticsService/ListMetrics",
        ListMetricsRequest.SerializeToString,
        ListMetricsResponse.FromString,
    )
    return await ask(ListMetricsRequest(), timeout=50)


async def health(channel: grpc.aio.Channel) -> HealthCheckResponse:
    ask: grpc.aio.UnaryUnaryMultiCallable[HealthCheckRequest, HealthCheckResponse] = channel.unary_unary(
        "/grpc.health.v1.Health/Check", HealthCheckRequest.SerializeToString, HealthCheckResponse.FromString
    )
    return await ask(HealthCheckRequest(), timeout=50)


async def test_the_sandbox_answers_on_both_fronts(sandbox: Container) -> None:
    ready = await sandbox.event("ready")
    async with grpc.aio.insecure_channel(ready["grpc_address"]) as channel:
        metrics, status = await list_metrics(channel), await health(channel)
    url = f"http://{ready['rest_address']}/v1/overview"
    async with aiohttp.request("GET", url, headers={"Request-Timeout": "50"}) as answer:
        overview = await answer.json()

    assert {SourceOutcome.STATE_ANSWERED} == {outcome.state for outcome in metrics.outcomes}
    assert {"ai", "crm", "docs"} == {outcome.source for outcome in metrics.outcomes}
    assert HealthCheckResponse.SERVING == status.status
    assert 200 == answer.status
    assert {"STATE_ANSWERED"} == {outcome["state"] for outcome in overview["outcomes"]}


async def test_told_to_stop_it_ends_the_calls_that_it_has(sandbox: Container, engine: Engine) -> None:
    """A stream of a month goes on to its end, as slowly as it is read; then the container has ended well."""
    ready = await sandbox.event("ready")
    async with (
        aiohttp.ClientSession(f"http://{ready['rest_address']}") as session,
        session.get("/v1/events:stream") as stream,
    ):
        first = await stream.content.readany()
        stopping = asyncio.create_task(engine.told("stop", "--time", "60", sandbox.name))
        await sandbox.event("stopping")
        items = (first + await stream.read()).splitlines()
        await stopping

    assert "batch" in json.loads(items[0])
    assert "end" in json.loads(items[-1])
    assert 0 == (await sandbox.ended()).code


async def test_its_own_health_check_finds_it_well(engine: Engine) -> None:
    """As the image is, with nothing set but the sandbox."""
    kind, *check = (await engine.inspect(".Config.Healthcheck"))["Test"]
    async with engine.container(NO_NETWORK, "serve", "--sandbox") as container:
        await container.event("ready")
        found = await container.execute(*check)

    assert "CMD" == kind
    assert (0, "127.0.0.1:50051 is serving\n") == (found.code, found.out)


async def test_its_own_health_check_finds_that_it_is_not_there(engine: Engine) -> None:
    ended = await engine.once("health")

    assert (1, 1) == (ended.code, ended.err.count("\n"))


async def test_without_a_configuration_it_says_in_one_line_what_is_missing(engine: Engine) -> None:
    ended = await engine.once()

    assert (2, 1) == (ended.code, ended.err.count("\n"))
    assert ended.err.startswith(NO_SOURCES)


@pytest.fixture
def mistaken(tmp_path: Path) -> Path:
    """A configuration with a key that is misspelt."""
    file = in_folder(tmp_path, "gateway.toml")
    file.write_text("[sources.ai]\nkind = 'zylon'\nbase_rl = 'https://ai.example.com'\n", "utf-8")
    return file


async def test_a_configuration_that_is_wrong_is_one_line(engine: Engine, mistaken: Path) -> None:
    options = (*NO_NETWORK, "--volume", f"{mistaken.parent}:/c")

    ended = await engine.once("serve", "--config", "/c/gateway.toml", options=options)

    assert 2 == ended.code
    assert 'analytics-gateway: sources.ai.base_rl: unknown key; did you mean "base_url"?\n' == ended.err


async def test_a_signal_ends_it_while_it_still_starts(engine: Engine, unwritten: Path) -> None:
    """Process 1 is deaf to signals that it has no handler for."""
    options = (*NO_NETWORK, "--volume", f"{unwritten.parent}:/c")
    async with engine.container(options, "serve", "--config", "/c/gateway.toml") as container:
        with await asyncio.to_thread(unwritten.open, "w"):  # opens when the gateway opens it too
            await engine.told("stop", "--time", "60", container.name)
            ended = await container.ended()

    assert 128 + signal.SIGTERM == ended.code
