"""What a client expects before it sends its body (RFC 9110, section 10.1.1)."""

from aiohttp import web
from aiohttp.hdrs import EXPECT

from gateway.rest.errors import ExpectationFailedError

_HTTP_1_1 = (1, 1)
"""Earlier versions know of no expectations: theirs are left alone."""


def check_expectation(request: web.BaseRequest) -> None:
    """Look whether the client waits to be told to go on, if for anything.

    Raises:
        ExpectationFailedError: it expects something else.
    """
    if request.version >= _HTTP_1_1 and request.headers[EXPECT].lower() != "100-continue":
        raise ExpectationFailedError("the only expectation that can be met is 100-continue")


async def ask_for_body(request: web.BaseRequest) -> None:
    """Tell a client that waits for it to go on: its body is wanted, as far as its headers tell."""
    if EXPECT in request.headers and request.version >= _HTTP_1_1:
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
