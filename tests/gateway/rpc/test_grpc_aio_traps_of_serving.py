"""The traps of grpc.aio that lie in how it is set up, rather than in single calls."""

import ast
import inspect
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import grpc
import pytest
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

import adapters
import gateway
from gateway.rpc import Health, build_server
from gateway.rpc.handlers import Handlers
from gateway.services import AnalyticsService
from tests.fakes import FakeEvents, federation
from tests.gateway.pipeline.fakes import CONTRACT, METHODS, fixture
from tests.gateway.rpc.calling import stream
from tests.gateway.rpc.serving import served
from unified.analytics.v1.analytics_service_pb2 import (
    ListEventsRequest,
    ListEventsResponse,
    StreamEventsRequest,
)

# gRPC runs what is not an `async def` in a thread, where it has no loop.


@pytest.mark.parametrize("name", sorted(METHODS))
@pytest.mark.parametrize("metadata", [(), (("user-agent", "grpc"), ("x-request-id", "mine"))])
def test_every_handler_is_an_async_def(name: str, metadata: tuple[tuple[str, str], ...]) -> None:
    method = METHODS[name]
    details = SimpleNamespace(method=method.path, invocation_metadata=metadata)
    found = Handlers(CONTRACT, fixture().pipeline).service(details)

    assert found
    served_by = found.unary_stream if method.streaming else found.unary_unary
    assert inspect.iscoroutinefunction(served_by)
    assert (None, None) == (found.request_deserializer, found.response_serializer)


# A process that forks after gRPC was imported hangs, sooner or later.

_FORKING = {"fork", "forkpty", "multiprocessing", "ProcessPoolExecutor"}


def test_nothing_forks() -> None:
    """Replicas are processes of their own, which share the ports."""
    modules = [path for package in (adapters, gateway) for path in Path(package.__path__[0]).rglob("*.py")]

    assert modules
    assert {} == {str(path): found for path in modules if (found := _FORKING & set(_names(path)))}


def _names(path: Path) -> list[str]:
    found: list[str] = []
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                found += name.split(".")
            case ast.ImportFrom(module=str(module)):
                found += module.split(".")
            case _:
                pass
    return found


# grpcio-reflection speaks v1alpha only, and clients ask for v1 first.


@pytest.mark.parametrize("version", ["v1", "v1alpha"])
async def test_reflection_is_served_in_both_versions(version: str) -> None:
    async with served(fixture()) as channel:
        reflect: grpc.aio.StreamStreamMultiCallable[ServerReflectionRequest, ServerReflectionResponse] = (
            channel.stream_stream(
                f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                ServerReflectionRequest.SerializeToString,
                ServerReflectionResponse.FromString,
            )
        )
        answer = await reflect(iter([ServerReflectionRequest(list_services="")])).read()

    assert isinstance(answer, ServerReflectionResponse)
    assert set(CONTRACT.services) <= {service.name for service in answer.list_services_response.service}


# A server hangs up on clients whose pings come more often than every five minutes, unless it is told otherwise.


async def test_clients_may_ping_every_ten_seconds_also_without_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read off the options: to see gRPC hang up would take a minute of real time."""
    options: dict[str, object] = {}
    real: Callable[..., grpc.aio.Server] = grpc.aio.server

    def note(**given: object) -> grpc.aio.Server:
        options.update(given["options"])  # type: ignore[call-overload]  # pairs, whatever they are typed as
        return real(**given)

    monkeypatch.setattr(grpc.aio, "server", note)
    server = build_server(CONTRACT, fixture().pipeline, Health(()))
    await server.stop(None)

    assert 10_000 == options["grpc.http2.min_ping_interval_without_data_ms"]
    assert options["grpc.keepalive_permit_without_calls"]


# Clients refuse messages over 4 MiB, unless they are told otherwise.

_MEBIBYTE = 1024 * 1024


async def test_no_page_is_larger_than_a_mebibyte_however_large_its_events_are() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 60, weight=100_000)))
    async with served(fixture(list_events=service.list_events)) as channel:
        ask: grpc.aio.UnaryUnaryMultiCallable[ListEventsRequest, ListEventsResponse] = channel.unary_unary(
            METHODS["ListEvents"].path, ListEventsRequest.SerializeToString, ListEventsResponse.FromString
        )
        page = await ask(ListEventsRequest(page_size=60))

    assert page.events
    assert page.next_page_token
    assert page.ByteSize() < _MEBIBYTE


async def test_no_item_of_a_stream_is_larger_than_a_mebibyte_however_large_its_events_are() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 60, weight=100_000)))
    async with served(fixture(stream_events=service.stream_events)) as channel:
        sizes = [item.ByteSize() async for item in stream(channel)(StreamEventsRequest())]

    assert sum(sizes) > 60 * 100_000
    assert max(sizes) < _MEBIBYTE
