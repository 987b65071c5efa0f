"""What a gateway asked its upstreams and was answered, kept so that both can be repeated without the simulators."""

from pathlib import Path
from typing import Any

import msgspec


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One request and its answer."""

    source: str
    """Id of the source."""
    method: str
    path: str
    """With the query, as sent."""
    headers: dict[str, str]
    """Those that the gateway chose, credentials of the simulators among them."""
    body: bytes
    status: int
    content_type: str
    answer: bytes

    @property
    def question(self) -> tuple[str, str, bytes]:
        """What tells it from other requests to the same source."""
        return self.method, self.path, self.body


class Recording(msgspec.Struct, frozen=True, kw_only=True):
    """All exchanges of a rehearsal."""

    tables: dict[str, dict[str, Any]]
    """The tables `[sources.<id>]` of the simulators that were asked."""
    exchanges: list[Exchange]
    """Each question once, in the order in which they were first asked."""
    calls: dict[str, list[int]] = msgspec.field(default_factory=dict)
    """By the name of each call: the places in `exchanges` of what was asked for it, in the order of the answers."""

    def of_call(self, name: str) -> list[Exchange]:
        """What was exchanged for a call."""
        return [self.exchanges[place] for place in self.calls[name]]

    def save(self, path: Path) -> None:
        """Write it to a file."""
        path.write_bytes(msgspec.msgpack.encode(self))


def load(path: Path) -> Recording:
    """Read what `Recording.save` wrote."""
    return msgspec.msgpack.decode(path.read_bytes(), type=Recording)
