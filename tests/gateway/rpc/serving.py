"""A real server on loopback, and a channel to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import grpc

from gateway.rpc import Health, build_server
from tests.gateway.pipeline.fakes import CONTRACT, Fixture


@asynccontextmanager
async def served(under_test: Fixture, health: Health | None = None) -> AsyncIterator[grpc.aio.Channel]:
    """A channel to a server of the pipeline."""
    server = build_server(CONTRACT, under_test.pipeline, health or Health(CONTRACT.services))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)
