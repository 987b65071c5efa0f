"""An answer's documented shape, and a reader of answers that tells what it noted."""

from typing import TypeVar

from msgspec import Raw, Struct

from adapters.drift import DriftKind, DriftLog
from adapters.transport import TolerantDecoder

UNKNOWN, MISSING, MISTYPED = DriftKind.UNKNOWN, DriftKind.MISSING, DriftKind.MISTYPED


class User(Struct, rename="camel"):
    """A user."""

    user_id: str | None
    realm: str | list[str] | None = None


class Event(Struct, rename="camel"):
    """An event."""

    id: str | None
    count: int | None
    share: float | None = None
    offline: bool | None = None
    code: int | str | None = None
    user: User | list[User] | None = None
    flags: dict[str, bool] | None = None
    people: dict[str, User] | None = None
    parameters: Raw = Raw(b"null")

    def is_online(self) -> bool:
        """A wire struct may know how to read itself."""
        return self.offline is False


class Page(Struct, rename="camel"):
    """A page of events."""

    last_page: bool | None
    results: list[Event] | None


T = TypeVar("T")

PAGE = TolerantDecoder(Page)
EVENT = TolerantDecoder(Event)
GOOD = b'{"id": "a", "count": 1}'


def read(decoder: TolerantDecoder[T], body: bytes | str) -> tuple[T, list[tuple[str, DriftKind, int]]]:
    """The answer, and the drift noted."""
    drift = DriftLog()
    answer = decoder(body.encode() if isinstance(body, str) else body, drift)
    return answer, list(drift)
