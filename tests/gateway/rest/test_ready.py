"""Responses that are sent in one piece, past aiohttp's own."""

from types import SimpleNamespace
from typing import cast

import pytest
from aiohttp import HttpVersion11, web

from gateway.rest.ready import Ready


class Transport:
    """The way to a client."""

    def __init__(self, *, is_closing: bool) -> None:
        self._is_closing = is_closing
        self.sent = b""

    def is_closing(self) -> bool:
        return self._is_closing

    def write(self, data: bytes) -> None:
        self.sent += data


async def answer(response: Ready, transport: Transport | None) -> None:
    protocol = SimpleNamespace(writing_paused=False)
    request = SimpleNamespace(
        keep_alive=True, version=HttpVersion11, method="GET", transport=transport, protocol=protocol
    )
    await response.prepare(cast("web.BaseRequest", request))
    await response.write_eof()


async def test_what_is_sent_is_the_head_and_the_body() -> None:
    transport = Transport(is_closing=False)
    await answer(Ready(200, "Content-Length: 2\r\n", b"{}"), transport)

    head, _, body = transport.sent.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 OK\r\nDate: ")
    assert head.endswith(b"\r\nContent-Length: 2")
    assert b"{}" == body


@pytest.mark.parametrize("transport", [None, Transport(is_closing=True)])
async def test_who_has_left_is_sent_nothing(transport: Transport | None) -> None:
    with pytest.raises(ConnectionError):
        await answer(Ready(200, "", b"{}"), transport)

    assert transport is None or b"" == transport.sent
