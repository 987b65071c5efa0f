"""The two fronts on their addresses, from the first call that they take to the end of the last."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import grpc
from aiohttp import web

from gateway.pipeline import Pipeline
from gateway.settings.server import Address, ServerSettings


class CannotListenError(Exception):
    """An address cannot be listened on. The text is one line, for operators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the fronts listen, with the ports that they got."""

    grpc: Address
    rest: Address


@asynccontextmanager
async def listening(
    rpc: grpc.aio.Server, rest: web.BaseRunner, pipeline: Pipeline, server: ServerSettings
) -> AsyncIterator[Addresses]:
    """Let both fronts take calls. At the end they stop together, and calls under way have `server.grace` to finish.

    Raises:
        CannotListenError: an address is taken, or not one of this machine's.
    """
    await rest.setup()
    try:
        grpc_address = await _listen_rpc(rpc, server.grpc_address, reuse_port=server.reuse_port)
        rest_address = await _listen_rest(rest, server.rest_address, reuse_port=server.reuse_port)
        yield Addresses(grpc=grpc_address, rest=rest_address)
    finally:
        pipeline.drain()
        await asyncio.gather(rpc.stop(server.grace), _stop_rest(rest, pipeline, server.grace))


async def _stop_rest(rest: web.BaseRunner, pipeline: Pipeline, grace: float) -> None:
    """Stop once no call is under way, or the grace has passed. Until then new calls are refused; `/readyz` says why.

    gRPC has a word for that in its protocol, which `Server.stop` sends at once.
    """
    try:
        async with asyncio.timeout(grace):
            await pipeline.idle()
    except TimeoutError:
        _cut_connections(rest)
    await rest.cleanup()


def _cut_connections(rest: web.BaseRunner) -> None:
    """End the calls under way, as if their clients had left. aiohttp would ask them twice, and wait each time."""
    for connection in rest.server.connections if rest.server is not None else ():
        if connection.transport is not None:
            connection.transport.abort()


async def _listen_rpc(rpc: grpc.aio.Server, address: Address, *, reuse_port: bool) -> Address:
    with _told(address, "gRPC"):
        _try(address, reuse_port=reuse_port)
        port = rpc.add_insecure_port(str(address))
    await rpc.start()
    return Address(host=address.host, port=port)


async def _listen_rest(rest: web.BaseRunner, address: Address, *, reuse_port: bool) -> Address:
    with _told(address, "REST"):
        _try(address, reuse_port=reuse_port)
        await web.TCPSite(rest, address.host, address.port, reuse_port=reuse_port).start()
    return Address(host=address.host, port=rest.addresses[0][1])


def _try(address: Address, *, reuse_port: bool) -> None:
    """Take the address for a moment: gRPC would not say what is wrong, and write lines of its own to standard error.

    A shared port is not listened on in that moment: connections would be led to where nobody answers them. To take it
    already fails where another listens who does not share it, or is another user's.
    """
    address.host.encode("idna")  # where it fails, `create_server` would leave its socket open
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    if not reuse_port:
        socket.create_server((address.host, address.port), family=family).close()
        return
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        probe.bind((address.host, address.port))


@contextmanager
def _told(address: Address, front: str) -> Iterator[None]:
    """Tell in one line why nobody can listen there."""
    try:
        yield
    except (OSError, UnicodeError, RuntimeError) as error:  # RuntimeError is gRPC's
        raise CannotListenError(f"cannot listen on {address} for {front}: {_reason(error)}") from error


def _reason(error: OSError | UnicodeError | RuntimeError) -> str:
    match error:
        case OSError(errno=int(number)) if number > 0:
            # `create_server` puts the address into the text, where it already stands.
            return os.strerror(number)
        case RuntimeError():
            return "somebody else was faster"
        case _:
            # Names that cannot be resolved, or encoded. The resolver's numbers are negative.
            return "there is no such host"
