"""A wire between a client and the gateway that can be cut."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.settings.server import Address

_CHUNK = 16 * 1024


@dataclass(slots=True, kw_only=True)
class Wire:
    """Carries bytes both ways, until so many have come from the server: then it resets every connection."""

    server: Address
    length: int
    address: Address | None = None
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carry one connection, to its end."""
        far_reader, far_writer = await asyncio.open_connection(self.server.host, self.server.port)
        self._writers += [writer, far_writer]
        async with asyncio.TaskGroup() as both:
            both.create_task(self._carry(reader, far_writer))
            both.create_task(self._carry(far_reader, writer, is_counted=True))

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_counted: bool = False
    ) -> None:
        try:
            while chunk := await reader.read(_CHUNK):
                self.length -= len(chunk) if is_counted else 0
                if self.length < 0:
                    break
                writer.write(chunk)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self.cut()

    def cut(self) -> None:
        """Reset all connections."""
        for writer in self._writers:
            writer.transport.abort()


@asynccontextmanager
async def wire(server: Address, length: int) -> AsyncIterator[Address]:
    """An address that leads to the server, for as long as not more than `length` bytes have come from there."""
    carrier = Wire(server=server, length=length)
    listener = await asyncio.start_server(carrier.connect, "127.0.0.1", 0)
    async with listener:
        host, port = listener.sockets[0].getsockname()
        yield Address(host=host, port=port)
        carrier.cut()
