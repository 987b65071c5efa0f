"""No answer is read beyond its limit."""

import gzip
import tracemalloc
from asyncio import StreamReader, StreamWriter

import pytest
from aiohttp import web

from adapters.errors import ResponseTooLargeError
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing, playing_raw, request_of

LIMIT = 1024 * 1024


@pytest.mark.parametrize("size", [LIMIT - 1, LIMIT])
async def test_a_body_up_to_the_limit_is_read(size: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=b" " * size)

    async with playing(answer) as base, opened(base, max_body_bytes=LIMIT) as upstream:
        assert len(await upstream.ask(GET, as_sent, an_inquiry())) == size


async def test_a_body_that_says_it_is_too_large_is_not_read_at_all() -> None:
    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LIMIT + 1))
        await reader.read()

    async with playing_raw(answer) as base, opened(base, max_body_bytes=LIMIT) as upstream:
        with pytest.raises(ResponseTooLargeError, match=str(LIMIT)):
            await upstream.ask(GET, as_sent, an_inquiry())


async def test_a_body_without_end_is_left_at_the_limit_and_not_asked_for_again() -> None:
    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" " * 65536)
            await writer.drain()

    inquiry = an_inquiry()
    async with playing_raw(answer) as base, opened(base, attempts=3, max_body_bytes=LIMIT) as upstream:
        with pytest.raises(ResponseTooLargeError):
            await upstream.ask(GET, as_sent, inquiry)

    assert inquiry.attempts == 1


async def test_a_small_body_that_decompresses_to_a_huge_one_costs_no_more_memory_than_the_limit() -> None:
    bomb = gzip.compress(b" " * (200 * LIMIT))

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with playing(answer) as base, opened(base, max_body_bytes=LIMIT) as upstream:
        tracemalloc.start()
        try:
            with pytest.raises(ResponseTooLargeError):
                await upstream.ask(GET, as_sent, an_inquiry())
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert len(bomb) < LIMIT
    assert peak < 8 * LIMIT
