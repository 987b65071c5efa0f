"""Page and resume tokens: how far a walk over the events of several sources has come, for the caller to bring back.

A token is opaque, versioned, checksummed, and bound to the query that it belongs to. It grants nothing: whoever brings
it back states the query again, and what it says is checked like a request. The checksum finds damage, not malice.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from hashlib import blake2b

import msgspec

from adapters.query import EventFilter, EventOrder, Window
from gateway.pipeline.errors import FieldViolation, InvalidTokenError, TokenMismatchError

LONGEST = 4096
"""Characters of a token, as the contract allows."""

MOST_SOURCES = 14
"""Sources whose positions, of at most 200 characters each, surely fit into one token."""

Positions = Mapping[str, str | None]
"""Where each source that is not finished goes on: behind this position, or, if it is None, at the beginning."""

_VERSION = b"\x01"
_CHECKSUM_BYTES = 8
_FINGERPRINT_BYTES = 12
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Walk(Enum):
    """What walks over events: their tokens can not be exchanged. The value is the field that brings the token back."""

    PAGES = "page_token"
    STREAM = "resume_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """All that decides which events come in which order."""

    walk: Walk
    window: Window
    filter: EventFilter
    order: EventOrder
    sources: tuple[str, ...]
    """Ids of the sources asked, sorted."""

    def fingerprint(self) -> bytes:
        """The same for equal queries. The order of values within a filter makes no difference."""
        wanted = self.filter
        lists = (wanted.names, wanted.user_ids, wanted.user_realms, wanted.user_groups, wanted.user_roles)
        bounds = (_micros(self.window.start), _micros(self.window.end))
        said = (self.walk.value, bounds, [sorted(values) for values in lists], self.order.name, self.sources)
        return blake2b(msgspec.msgpack.encode(said), digest_size=_FINGERPRINT_BYTES).digest()


class _Payload(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    end: int
    fingerprint: bytes
    positions: list[str | bool | None]  # in the order of the query's sources; True: finished


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that is not damaged. What it belongs to is still to be checked."""

    end: datetime
    """End of the window that was asked."""
    _fingerprint: bytes
    _positions: Sequence[str | bool | None]

    def positions(self, query: EventsQuery) -> Positions:
        """Where the walk goes on.

        Raises:
            TokenMismatchError: the token belongs to another query.
        """
        if self._fingerprint != query.fingerprint() or len(self._positions) != len(query.sources):
            message = "belongs to another query; everything but the token must be as it was, or begin without a token"
            raise TokenMismatchError(FieldViolation(field=query.walk.value, description=message))
        pairs = zip(query.sources, self._positions, strict=True)
        return {source: position for source, position in pairs if not isinstance(position, bool)}


def write_token(query: EventsQuery, positions: Positions) -> str:
    """The token of a walk; sources that `positions` lacks are finished.

    Raises:
        ValueError: it would be longer than the contract allows: a source's position breaks its promise.
    """
    places = [positions.get(source, True) for source in query.sources]
    payload = _Payload(_micros(query.window.end), query.fingerprint(), places)
    sealed = _sealed(msgspec.msgpack.encode(payload))
    token = _spelled(sealed)
    if len(token) > LONGEST:
        raise ValueError(f"the positions of {', '.join(query.sources)} do not fit into a token")
    return token


def read_token(text: str, walk: Walk) -> Token:
    """Read a token that a caller brought back.

    Raises:
        InvalidTokenError: it is damaged, or was made by another version.
    """
    try:
        payload = msgspec.msgpack.decode(_opened(text), type=_Payload)
        end = _EPOCH + _MICROSECOND * payload.end
    except (ValueError, OverflowError, binascii.Error, msgspec.DecodeError):
        message = "is damaged, or of another version; bring back a token exactly as it was given, or begin without one"
        raise InvalidTokenError(FieldViolation(field=walk.value, description=message)) from None
    return Token(end=end, _fingerprint=payload.fingerprint, _positions=payload.positions)


def _sealed(payload: bytes) -> bytes:
    return _VERSION + blake2b(_VERSION + payload, digest_size=_CHECKSUM_BYTES).digest() + payload


def _opened(text: str) -> bytes:
    """The payload of a token, if all of it is as it was made."""
    sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    payload = sealed[1 + _CHECKSUM_BYTES :]
    # Base 64 has bits to spare at its end: only one spelling is ours.
    if sealed != _sealed(payload) or _spelled(sealed) != text:
        raise ValueError("not as it was made")
    return payload


def _spelled(sealed: bytes) -> str:
    return base64.urlsafe_b64encode(sealed).rstrip(b"=").decode("ascii")


def _micros(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND
