"""How long a client's connection is used."""

import asyncio

import pytest

from gateway.rest.ageing import Ages
from tests.gateway.rest.serving import serving

PATHS = ["/v1/metrics", "/v1/events:stream", "/v1/metrics?x=1", "/nothing", "/healthz"]


async def connection_after(port: int, path: str) -> str | None:
    """What an answer says of its connection, once it is whole."""
    async with asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        closes = "\r\nconnection: close\r\n" in head
        if closes:
            assert await reader.read() is not None  # all of it: it ends
        writer.close()
        await writer.wait_closed()
    return "close" if closes else None


@pytest.mark.parametrize("path", PATHS)
async def test_the_answer_on_an_old_connection_is_its_last(path: str) -> None:
    async with serving(max_connection_age=0) as front:
        assert "close" == await connection_after(front.port, path)


@pytest.mark.parametrize("path", PATHS)
async def test_a_young_connection_is_kept(path: str) -> None:
    async with serving(max_connection_age=3600) as front:
        assert await connection_after(front.port, path) is None


WHOLE = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("said", [b"", b"GET /heal", WHOLE[:-2], WHOLE, WHOLE + WHOLE[:-2]])
async def test_a_client_that_says_no_more_is_left_after_the_age_of_a_connection(said: bytes) -> None:
    async with serving(max_connection_age=0.01) as front, asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(said)
        answers = await reader.read()
        writer.close()
        await writer.wait_closed()

    assert said.count(WHOLE) == answers.count(b"HTTP/1.1 200 OK")


@pytest.mark.parametrize(("random", "end"), [(0.0, 190.0), (0.5, 200.0), (1.0, 210.0)])
def test_connections_made_at_once_do_not_end_at_once(random: float, end: float) -> None:
    assert end == pytest.approx(Ages(most=100, now=lambda: 100.0, random=lambda: random).end())
