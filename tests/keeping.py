"""A client over HTTP/1.1 that keeps its connection, and sees what is said of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Kept:
    """A client's connection, which it keeps."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def get(self, path: str, *, connection: str = "keep-alive") -> tuple[str, bytes] | None:
        """The head of the answer, in small letters, and its body; None: the connection has ended instead."""
        try:
            self._writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: {connection}\r\n\r\n".encode())
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode().lower()
            length = head.partition("content-length: ")[2].partition("\r\n")[0]
            return head, await self._reader.readexactly(int(length))
        except (asyncio.IncompleteReadError, ConnectionError):
            return None

    async def rest(self) -> bytes:
        """What comes until its end."""
        return await self._reader.read()


@asynccontextmanager
async def kept_connection(address: str) -> AsyncIterator[Kept]:
    """One to a REST front, over which a call was made."""
    host, _, port = address.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    kept = Kept(reader, writer)
    assert await kept.get("/healthz") is not None
    try:
        yield kept
    finally:
        writer.close()
