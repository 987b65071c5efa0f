"""How a stream's items follow each other in one body."""

from typing import Protocol

from google.protobuf.message import Message

OFFERS = ("application/x-ndjson", "text/event-stream", "application/json")
"""The media types of a stream, the default first."""


class Framing(Protocol):
    """Joins items, each one line of JSON, so that a reader can tell them apart and notice that the end is missing."""

    opening: bytes
    closing: bytes

    def item(self, line: bytes, item: Message) -> bytes:
        """One item."""
        ...

    def failure(self, line: bytes) -> bytes:
        """The last item of a stream that fails."""
        ...


class Lines:
    """NDJSON: one item per line. https://github.com/ndjson/ndjson-spec."""

    opening = b""
    closing = b""

    def item(self, line: bytes, item: Message) -> bytes:  # noqa: ARG002 - the port's
        """The item's line."""
        return line + b"\n"

    def failure(self, line: bytes) -> bytes:
        """A line like any other."""
        return line + b"\n"


class Array:
    """One JSON array, an element per line."""

    opening = b"["
    closing = b"\n]\n"

    def __init__(self) -> None:
        self._separator = b"\n"

    def item(self, line: bytes, item: Message) -> bytes:  # noqa: ARG002 - the port's
        """The next element."""
        return self.failure(line)

    def failure(self, line: bytes) -> bytes:
        """An element like any other."""
        separator, self._separator = self._separator, b",\n"
        return separator + line


class ServerSentEvents:
    """https://html.spec.whatwg.org/multipage/server-sent-events.html.

    The id is the item's resume token, which a browser sends back as `Last-Event-ID` when it was cut off. The end is an
    event of the type `end`, a failure one of the type `error`.
    """

    opening = b""
    closing = b""

    def item(self, line: bytes, item: Message) -> bytes:
        """An event; the last one names its type."""
        token = resume_token(item)
        id_line = b"" if token is None else f"id: {token}\n".encode()
        return (b"event: end\n" if is_end(item) else b"") + id_line + b"data: " + line + b"\n\n"

    def failure(self, line: bytes) -> bytes:
        """An event without an id, so that the one before it is still where to go on."""
        return b"event: error\ndata: " + line + b"\n\n"


def framing(media_type: str) -> Framing:
    """A framing for one stream of the media type, one of `OFFERS`."""
    kinds: dict[str, type[Framing]] = dict(zip(OFFERS, (Lines, ServerSentEvents, Array), strict=True))
    return kinds[media_type]()


def is_end(item: Message) -> bool:
    """Whether the item says that nothing was cut off: by the contract's rule, it is called `end`."""
    return _kind(item) == "end"


def resume_token(item: Message) -> str | None:
    """The token that goes on behind the item, if it has one, by the contract's rule in a field of this name."""
    kind = _kind(item)
    token: str | None = getattr(getattr(item, kind), "resume_token", None) if kind else None
    return token or None


def _kind(item: Message) -> str | None:
    """Which of its kinds the item is: the field that is set in its oneof."""
    oneofs = item.DESCRIPTOR.oneofs
    return item.WhichOneof(oneofs[0].name) if oneofs else None
