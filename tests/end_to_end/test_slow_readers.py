"""Nothing is asked of an upstream for a reader who does not read."""

import asyncio
import json
import socket

from adapters.simulation import Control
from tests.end_to_end.serving import METHODS, TODAY, Gateway, days_before_today, to_http
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest

YEAR, YEAR_BUT_A_DAY = days_before_today(364), days_before_today(363)

SLOWLY = StreamEventsRequest(start_time=YEAR, end_time=TODAY)
"""Some 20,000 events, in some 200 pages: far more than all buffers on the way hold."""
QUICKLY = StreamEventsRequest(start_time=YEAR_BUT_A_DAY, end_time=TODAY)
"""Nearly as many, in a window that can be told from the other."""

MOST_HELD = 100
"""Pages that may wait for a slow reader; the kernel's buffers take most of them."""


def pages_asked(docs: Control, request: StreamEventsRequest) -> int:
    """How many pages of a stream were asked for."""
    start = f"{request.start_time.ToDatetime():%Y-%m-%dT%H:%M:%S}"
    return sum(json.loads(received.body)["startDate"] == start for received in docs.requests)


async def exhaust(gateway: Gateway, request: StreamEventsRequest) -> None:
    """Read a stream to its end."""
    async for _ in gateway.stream(request):
        pass


async def test_who_does_not_read_a_grpc_stream_stops_the_paging(small_pages: Gateway, docs: Control) -> None:
    """While another reader goes through nearly the same window, this one's pages stay where they are."""
    slow = aiter(small_pages.stream(SLOWLY))
    await anext(slow)

    await exhaust(small_pages, QUICKLY)

    assert 1 <= pages_asked(docs, SLOWLY) <= MOST_HELD < pages_asked(docs, QUICKLY)
    rest = [item async for item in slow]
    assert "end" == rest[-1].WhichOneof("item")


async def test_who_does_not_read_a_rest_stream_stops_the_paging(small_pages: Gateway, docs: Control) -> None:
    """The same, with a client that leaves everything in the socket."""
    _, path, _ = to_http(SLOWLY, METHODS["StreamEvents"].http[0])
    with socket.socket() as slow:
        # Small from the beginning, or the kernel would hold half of the stream for us.
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 64 * 1024)
        slow.setblocking(False)  # noqa: FBT003 - the standard library has no other way
        loop = asyncio.get_running_loop()
        await loop.sock_connect(slow, (small_pages.addresses.rest.host, small_pages.addresses.rest.port))
        await loop.sock_sendall(slow, f"GET {path} HTTP/1.1\r\nHost: {small_pages.addresses.rest}\r\n\r\n".encode())
        assert (await loop.sock_recv(slow, 64)).startswith(b"HTTP/1.1 200 OK")

        await exhaust(small_pages, QUICKLY)

        assert 1 <= pages_asked(docs, SLOWLY) <= MOST_HELD < pages_asked(docs, QUICKLY)
