"""Connections that fail, break, or are no longer wanted."""

import asyncio
import socket
import threading
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

import pytest
from aiohttp import web

from adapters.errors import InvalidResponseError, UnreachableError, UpstreamTimeoutError
from adapters.transport.resolver import THREAD
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing, playing_raw, request_of
from tests.clock import VirtualClock, settle

EMPTY_OBJECT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


async def hang_up(reader: StreamReader, _: StreamWriter) -> None:
    await request_of(reader)


async def test_a_port_where_nobody_listens_is_an_unreachable_upstream() -> None:
    async with playing_raw(hang_up) as base:
        pass

    async with opened(base) as upstream:
        with pytest.raises(UnreachableError, match="whether the upstream is running"):
            await upstream.ask(GET, as_sent, an_inquiry())


async def test_a_name_that_does_not_resolve_is_an_unreachable_upstream(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr("socket.getaddrinfo", refuse)  # no test asks the network
    async with opened("http://nowhere.invalid") as upstream:
        with pytest.raises(UnreachableError, match="could not be resolved"):
            await upstream.ask(GET, as_sent, an_inquiry())


async def test_a_name_that_no_lookup_takes_is_an_unreachable_upstream() -> None:
    """The configuration refuses it, but an upstream may tell us such an address."""
    async with opened("http://a..invalid") as upstream:
        with pytest.raises(UnreachableError, match="could not be resolved"):
            await upstream.ask(GET, as_sent, an_inquiry())


async def test_upstreams_whose_names_are_not_told_hold_up_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither another upstream, nor what is done in the event loop's executor, nor the end of the process."""
    silent, look_up = threading.Event(), socket.getaddrinfo

    def hang(host: str, port: int, **_: object) -> object:
        if host.endswith(".invalid"):
            silent.wait(30)
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        return look_up("127.0.0.1", port, type=socket.SOCK_STREAM)

    async def answer(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def ask(base: str) -> object:
        async with opened(base) as upstream:
            return await upstream.ask(GET, as_sent, an_inquiry())

    monkeypatch.setattr("socket.getaddrinfo", hang)
    async with playing_raw(answer) as base, asyncio.TaskGroup() as asking:
        silenced = [asking.create_task(ask(f"http://{number}.invalid")) for number in range(40)]
        await asyncio.sleep(0)
        answered = await ask(base.replace("127.0.0.1", "docs.example.com"))
        done = await asyncio.to_thread(int)
        looking = [thread for thread in threading.enumerate() if thread.name == THREAD]
        for each in silenced:
            each.cancel()
        silent.set()

    assert (answered is not None, done) == (True, 0)
    assert len(looking) >= 40
    assert all(thread.daemon for thread in looking)


async def test_a_port_that_does_not_speak_tls_is_an_unreachable_upstream() -> None:
    async def answer_in_plain(reader: StreamReader, writer: StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with playing_raw(answer_in_plain) as base, opened(base.replace("http:", "https:")) as upstream:
        with pytest.raises(UnreachableError, match="TLS"):
            await upstream.ask(GET, as_sent, an_inquiry())


async def test_an_upstream_that_hangs_up_without_an_answer_is_asked_again() -> None:
    clock = VirtualClock(flowing=True)
    inquiry = an_inquiry(clock)
    async with playing_raw(hang_up) as base, opened(base, attempts=3) as upstream:
        with pytest.raises(UnreachableError, match="hung up"):
            await upstream.ask(GET, as_sent, inquiry)

    assert inquiry.attempts == 3


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    ],
    ids=["content-length", "chunked", "no-gzip"],
)
async def test_a_body_cut_short_is_asked_for_again(answer: bytes) -> None:
    answers = iter([answer, EMPTY_OBJECT])

    async def handler(reader: StreamReader, writer: StreamWriter) -> None:
        await request_of(reader)
        writer.write(next(answers))
        await writer.drain()

    inquiry = an_inquiry(VirtualClock(flowing=True))
    async with playing_raw(handler) as base, opened(base, attempts=2) as upstream:
        assert await upstream.ask(GET, as_sent, inquiry) == b"{}"

    assert inquiry.attempts == 2


async def test_what_is_not_http_is_no_answer_and_not_asked_for_again() -> None:
    async def answer_as_another_protocol(reader: StreamReader, writer: StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"220 smtp.example.com ESMTP\r\n\r\n")

    inquiry = an_inquiry()
    async with playing_raw(answer_as_another_protocol) as base, opened(base, attempts=3) as upstream:
        with pytest.raises(InvalidResponseError, match="not valid HTTP"):
            await upstream.ask(GET, as_sent, inquiry)

    assert inquiry.attempts == 1


async def test_each_request_that_reaches_the_upstream_counts_as_an_attempt() -> None:
    """Left alone, aiohttp repeats the second GET and tells nobody."""
    received: list[bytes] = []

    async def answer_once(reader: StreamReader, writer: StreamWriter) -> None:
        received.append(await request_of(reader))
        writer.write(EMPTY_OBJECT)
        received.append(await request_of(reader))

    inquiries = [an_inquiry(VirtualClock(flowing=True)) for _ in range(2)]
    async with playing_raw(answer_once) as base, opened(base, attempts=2) as upstream:
        for inquiry in inquiries:
            await upstream.ask(GET, as_sent, inquiry)

    assert [inquiry.attempts for inquiry in inquiries] == [1, 2]
    assert len(received) == 3


async def test_a_connection_is_used_again_even_after_an_error_status() -> None:
    ports: set[object] = set()

    async def answer(request: web.Request) -> web.Response:
        ports.add(request.transport.get_extra_info("peername") if request.transport else None)
        return web.Response(status=503 if request.query else 200, text="{}")

    async with playing(answer) as base, opened(base) as upstream:
        await upstream.ask(GET, as_sent, an_inquiry())
        await upstream.ask(GET, as_sent, an_inquiry())

    assert len(ports) == 1


class Hanging:
    """Sends what it is told, then nothing; `closed` is set once the client has closed the connection."""

    def __init__(self, sends: bytes = b"") -> None:
        self.sends = sends
        self.asked = asyncio.Event()
        self.closed = asyncio.Event()

    async def __call__(self, reader: StreamReader, writer: StreamWriter) -> None:
        await request_of(reader)
        writer.write(self.sends)
        await writer.drain()
        self.asked.set()
        await reader.read()
        self.closed.set()


@pytest.mark.parametrize("sends", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"], ids=["head", "body"])
async def test_a_caller_that_leaves_closes_the_connection_at_once(sends: bytes) -> None:
    hanging = Hanging(sends)
    inquiry = an_inquiry()
    async with playing_raw(hanging) as base, opened(base, attempts=3) as upstream:
        asking = asyncio.create_task(upstream.ask(GET, as_sent, inquiry))
        await hanging.asked.wait()

        asking.cancel()
        await asyncio.sleep(0)

        # One turn of the loop was enough to get out of all that stands around a request.
        assert asking.cancelled()
        await hanging.closed.wait()
    assert inquiry.attempts == 1


@pytest.mark.parametrize("sends", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n{"], ids=["head", "body"])
async def test_an_attempt_ends_with_its_time_and_closes_the_connection(sends: bytes) -> None:
    hanging = Hanging(sends)
    clock = VirtualClock()
    async with playing_raw(hanging) as base, opened(base, attempt_timeout=8) as upstream:
        asking = asyncio.create_task(upstream.ask(GET, as_sent, an_inquiry(clock)))
        await hanging.asked.wait()
        await clock.advance(7.9)
        assert not asking.done()

        await clock.advance(0.1)

        with pytest.raises(UpstreamTimeoutError, match="within 8 s"):
            await asking
        await hanging.closed.wait()


async def test_an_attempt_that_has_timed_out_is_repeated_on_another_connection() -> None:
    hanging = Hanging()
    clock = VirtualClock()
    inquiry = an_inquiry(clock)
    async with playing_raw(hanging) as base, opened(base, attempts=2, attempt_timeout=8) as upstream:
        asking = asyncio.create_task(upstream.ask(GET, as_sent, inquiry))
        await hanging.asked.wait()
        hanging.sends = EMPTY_OBJECT
        await clock.advance(8)
        await settle()
        await clock.advance(1)

        assert await asking == b"{}"
    assert inquiry.attempts == 2


async def test_the_calls_deadline_ends_an_attempt_and_no_other_begins() -> None:
    hanging = Hanging()
    clock = VirtualClock()
    inquiry = an_inquiry(clock, seconds=2)
    async with playing_raw(hanging) as base, opened(base, attempts=3, attempt_timeout=8) as upstream:
        asking = asyncio.create_task(upstream.ask(GET, as_sent, inquiry))
        await hanging.asked.wait()

        await clock.advance(2)

        with pytest.raises(UpstreamTimeoutError):
            await asking
    assert inquiry.attempts == 1


async def test_nothing_is_sent_when_no_time_is_left() -> None:
    inquiry = an_inquiry(seconds=0)
    async with playing_raw(hang_up) as base, opened(base, attempts=3) as upstream:
        with pytest.raises(UpstreamTimeoutError, match="No time was left"):
            await upstream.ask(GET, as_sent, inquiry)

    assert inquiry.attempts == 0


async def test_a_body_that_trickles_ends_with_the_attempt() -> None:
    """Each byte is fast enough; only all of them together are not."""
    clock = VirtualClock()
    closed = asyncio.Event()

    async def trickle(reader: StreamReader, writer: StreamWriter) -> None:
        await request_of(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        with suppress(ConnectionError):
            while not writer.is_closing():
                writer.write(b" ")
                await writer.drain()
                await clock.advance(1)
        closed.set()

    async with playing_raw(trickle) as base, opened(base, attempt_timeout=8) as upstream:
        with pytest.raises(UpstreamTimeoutError, match="within 8 s"):
            await upstream.ask(GET, as_sent, an_inquiry(clock))
        await closed.wait()
