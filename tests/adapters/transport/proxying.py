"""HTTP proxies, on loopback."""

import asyncio
from asyncio import StreamReader, StreamWriter

from yarl import URL

from tests.adapters.transport.playing import request_of


class ForwardProxy:
    """Lets everybody through, tunnels (CONNECT) and requests alike; `heads` is what it was asked."""

    def __init__(self) -> None:
        self.heads: list[str] = []

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        """One connection."""
        head = await request_of(reader)
        self.heads.append(head.decode())
        method, target, _ = head.decode().split(" ", 2)
        url = URL(f"https://{target}") if method == "CONNECT" else URL(target)
        from_there, there = await asyncio.open_connection(url.host, url.port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            there.write(head)
        await asyncio.gather(pump(reader, there), pump(from_there, writer))


async def pump(reader: StreamReader, writer: StreamWriter) -> None:
    """Pass on all that comes."""
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()
