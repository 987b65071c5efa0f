"""How long it may take until there is a connection."""

import asyncio
from asyncio import StreamReader, StreamWriter

import pytest

from adapters.errors import UnreachableError, UpstreamTimeoutError
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing_raw
from tests.clock import VirtualClock


class Handshakes:
    """Lets clients connect, and leaves their TLS unanswered."""

    def __init__(self) -> None:
        self.begun = asyncio.Queue[None]()
        self.closed = asyncio.Event()

    async def __call__(self, reader: StreamReader, _: StreamWriter) -> None:
        await reader.read(1)
        self.begun.put_nowait(None)
        await reader.read()
        self.closed.set()


async def test_a_connection_that_does_not_come_about_in_time_is_an_unreachable_upstream() -> None:
    clock, handshakes = VirtualClock(), Handshakes()
    async with (
        playing_raw(handshakes) as base,
        opened(base.replace("http:", "https:"), clock=clock, connect_timeout=3) as upstream,
    ):
        asking = asyncio.create_task(upstream.ask(GET, as_sent, an_inquiry(clock)))
        await handshakes.begun.get()
        await clock.advance(3)

        with pytest.raises(UnreachableError, match=r"within 3 s \(connect_timeout\): check base_url"):
            await asking
        await handshakes.closed.wait()


class ToldClock(VirtualClock):
    """Tells when somebody has begun to sleep."""

    def __init__(self) -> None:
        super().__init__()
        self.sleeping = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        sleeping = super().sleep(seconds)
        self.sleeping.set()
        await sleeping


async def test_another_attempt_is_made_for_a_connection_that_did_not_come_about() -> None:
    clock, handshakes = ToldClock(), Handshakes()
    inquiry = an_inquiry(clock)
    async with (
        playing_raw(handshakes) as base,
        opened(
            base.replace("http:", "https:"),
            clock=clock,
            connect_timeout=3,
            attempts=2,
        ) as upstream,
    ):
        asking = asyncio.create_task(upstream.ask(GET, as_sent, inquiry))
        await handshakes.begun.get()
        await clock.advance(3)
        await clock.sleeping.wait()
        await clock.advance(1)
        await handshakes.begun.get()
        await clock.advance(3)

        with pytest.raises(UnreachableError, match="connect_timeout"):
            await asking
    assert inquiry.attempts == 2


async def test_an_attempt_that_has_less_time_than_connecting_ends_with_its_own() -> None:
    clock, handshakes = VirtualClock(), Handshakes()
    async with (
        playing_raw(handshakes) as base,
        opened(base.replace("http:", "https:"), clock=clock, connect_timeout=3) as upstream,
    ):
        asking = asyncio.create_task(upstream.ask(GET, as_sent, an_inquiry(clock, seconds=2)))
        await handshakes.begun.get()
        await clock.advance(2)

        with pytest.raises(UpstreamTimeoutError, match="within 2 s"):
            await asking


async def test_an_answer_may_take_longer_than_a_connection() -> None:
    answers = asyncio.Event()
    asked = asyncio.Event()

    async def answer_late(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        asked.set()
        await answers.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")
        await writer.drain()

    clock = VirtualClock()
    async with playing_raw(answer_late) as base, opened(base, clock=clock, connect_timeout=3) as upstream:
        asking = asyncio.create_task(upstream.ask(GET, as_sent, an_inquiry(clock)))
        await asked.wait()
        await clock.advance(7)
        answers.set()

        assert await asking == b"{}"
