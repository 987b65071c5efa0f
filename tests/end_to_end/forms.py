"""The forms that a stream has over REST."""

import json
from collections.abc import Callable, Mapping

from tests.end_to_end.serving import Json, Reply


def _lines(body: bytes) -> list[Json]:
    return [json.loads(line) for line in body.splitlines()]


def _server_sent_events(body: bytes) -> list[Json]:
    return [json.loads(line.removeprefix(b"data: ")) for line in body.splitlines() if line.startswith(b"data: ")]


def _array(body: bytes) -> list[Json]:
    items: list[Json] = json.loads(body)
    return items


FORMS: Mapping[str, Callable[[bytes], list[Json]]] = {
    "application/x-ndjson": _lines,
    "text/event-stream": _server_sent_events,
    "application/json": _array,
}
"""How the items of a body are read, by its media type."""


def read_items(reply: Reply) -> list[Json]:
    """The items of a stream, in whichever form it came."""
    return FORMS[reply.headers["Content-Type"].partition(";")[0]](reply.body)
