"""A body in the coding in which it is sent, with what is told of it each time."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from gateway.rest.codings import IDENTITY, Coding
from gateway.rest.conditional import entity_tag, is_known
from gateway.rest.ready import Ready

VARY = "Accept, Accept-Encoding"
"""What of a request, besides its URL, decides what is sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Representation:
    """What is sent of an answer, however often."""

    body: bytes
    tag: str
    vary: str
    """The header that says what of a request decides what is sent."""
    description: str
    """Those that say what the body is."""

    def answer(self, request: web.BaseRequest, more: str) -> Ready:
        """The response; without a body, 304, to who has it already. `more`: the headers of this time.

        A 304 has those headers by which a cache brings what it has up to date (RFC 9110, section 15.4.5).
        """
        tags = request.headers.getall("If-None-Match", None)
        if tags is not None and is_known(tags, self.tag):
            return Ready(304, f"ETag: {self.tag}\r\n{self.vary}{more}", b"")
        return Ready(200, f"ETag: {self.tag}\r\n{self.vary}{self.description}{more}", self.body)

    def once(self, more: str) -> Ready:
        """The response to who asks for something that cannot be kept."""
        return Ready(200, f"{self.vary}{self.description}{more}", self.body)


def represent(body: bytes, coding: Coding, coded: bytes, content_type: str, *, vary: str = VARY) -> Representation:
    """What is sent of a body that is `coded` in the coding."""
    tag = entity_tag(body, coding.name)
    description = {"Content-Type": content_type, "Content-Length": str(len(coded))}
    if coding is not IDENTITY:
        description["Content-Encoding"] = coding.name
    return Representation(body=coded, tag=tag, vary=lines({"Vary": vary}), description=lines(description))


def lines(headers: Mapping[str, str]) -> str:
    """Headers as they are sent. None of them has a line break in its value."""
    return "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
