"""The two fronts on their addresses, from the first call that they take to the end of the last."""

import asyncio
import os
import select
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import grpc

from gateway.pipeline import Pipeline
from gateway.rest.server import Server
from gateway.settings.server import Address, ServerSettings

_LAST_WORDS = 2.0
"""Seconds that answers have to leave for REST clients, once no call is under way."""

_BACKLOG = 128
"""Connections that wait to be accepted. The kernel lets no more wait than it is set to, which may be fewer."""

_PATIENCE = 0.5
"""Seconds for which a connection without a call is left open, so that its client learns that it ends with an answer."""


class CannotListenError(Exception):
    """An address cannot be listened on. The text is one line, for operators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the fronts listen, with the ports that they got."""

    grpc: Address
    rest: Address


@asynccontextmanager
async def listening(
    rpc: grpc.aio.Server, rest: Server, pipeline: Pipeline, server: ServerSettings
) -> AsyncIterator[Addresses]:
    """Let both fronts take calls. At the end they stop together, and calls under way have `server.grace` to finish.

    Raises:
        CannotListenError: an address is taken, or not one of this machine's.
    """
    listener: asyncio.Server | None = None
    try:
        grpc_address = await _listen_rpc(rpc, server.grpc_address, reuse_port=server.reuse_port)
        listener = await _listen_rest(rest, server.rest_address, reuse_port=server.reuse_port)
        port = listener.sockets[0].getsockname()[1]
        yield Addresses(grpc=grpc_address, rest=Address(host=server.rest_address.host, port=port))
    finally:
        await asyncio.gather(rpc.stop(server.grace), _stop_rest(rest, listener, pipeline, server.grace))


async def _stop_rest(rest: Server, listener: asyncio.Server | None, pipeline: Pipeline, grace: float) -> None:
    """Listen no more, so that new connections lead to other replicas, and stop once no call is under way.

    Calls on connections that are open already are answered meanwhile, each as the last of its connection. gRPC has a
    word for that in its protocol, which `Server.stop` sends at once.
    """
    if listener is not None:
        await _close(listener)
    try:
        async with asyncio.timeout(grace):
            await rest.retire(_PATIENCE)
            await pipeline.idle()
    except TimeoutError:
        _cut_connections(rest)
    await rest.shutdown(_LAST_WORDS)
    await rest.deserted(_LAST_WORDS)


async def _close(listener: asyncio.Server) -> None:
    """Listen no more, once those are accepted who wait for it: the kernel would hang up on them.

    uvloop accepts one in a turn. Where others share the port, more may come all the time: a backlog of them is enough.
    """
    waiting = select.poll()
    for socket_ in listener.sockets:
        waiting.register(socket_.fileno(), select.POLLIN)
    for _ in range(_BACKLOG):
        if not waiting.poll(0):
            break
        await asyncio.sleep(0)
    listener.close()
    await asyncio.sleep(0)  # the last one's connection comes to be


def _cut_connections(rest: Server) -> None:
    """End the calls under way, as if their clients had left. aiohttp would ask them twice, and wait each time."""
    for connection in rest.connections:
        if connection.transport is not None:
            connection.transport.abort()


async def _listen_rpc(rpc: grpc.aio.Server, address: Address, *, reuse_port: bool) -> Address:
    with _told(address, "gRPC"):
        _try(address, reuse_port=reuse_port)
        port = rpc.add_insecure_port(str(address))
    await rpc.start()
    return Address(host=address.host, port=port)


async def _listen_rest(rest: Server, address: Address, *, reuse_port: bool) -> asyncio.Server:
    with _told(address, "REST"):
        _try(address, reuse_port=reuse_port)
        loop = asyncio.get_running_loop()
        return await loop.create_server(rest, address.host, address.port, backlog=_BACKLOG, reuse_port=reuse_port)


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
