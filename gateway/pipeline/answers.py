"""Answers that may be given again as they are: found by the very bytes of a request, without reading it."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from google.protobuf.message import Message

from gateway.pipeline.shelf import ShelfLife
from unified.analytics.v1.outcome_pb2 import SourceOutcome

T = TypeVar("T")

Spelling = bytes | str
"""A request exactly as it was sent: the bytes of a gRPC message, or path and query of a URL."""

MOST_ENTRIES = 1024
"""Distinct requests whose answers are kept: dashboards repeat dozens, and each costs a look when room is made."""
MOST_BYTES = 32 * 1024 * 1024
"""Of all that is kept: a thousand answers of 8 KiB, as `ListMetrics` has, in all their forms."""
LONGEST_SPELLING = 2048
"""What is longer is not looked for again: nobody repeats it that often."""

_MOST_SPELLINGS = 8
"""Of one request: clients spell alike what one program wrote; eight is two transports and some programs."""
_LARGEST_PART = 8
"""No answer takes more than this part of the room, or a few pages of events would drive out all else."""
_MESSAGE_GROWTH = 4
"""How much more room a message takes in memory than encoded, measured: 3 to 4 times."""
_OWN_BYTES = 2048
"""What an entry takes besides its message, its forms and its spellings."""


def _nobody_counts(_size: int) -> None:
    return


@dataclass(slots=True, kw_only=True, eq=False)
class Reply:
    """What a call is answered. All who are given the same share it: nobody changes its parts."""

    message: Message
    outcomes: list[SourceOutcome] = field(default_factory=list)
    """What became of each source asked."""
    shelf: ShelfLife | None = None
    """How old it is, and how long it keeps; None: not all of it is kept, and it is this one call's alone."""
    _forms: dict[str, bytes] = field(default_factory=dict, init=False, repr=False)
    _notes: dict[Hashable, object] = field(default_factory=dict, init=False, repr=False)
    _grown: Callable[[int], None] = field(default=_nobody_counts, init=False, repr=False)

    def encoded(self, form: str, encode: Callable[[Message], bytes]) -> bytes:
        """The message in a form, such as `proto`, `json` or `json+gzip`. Each form is made once."""
        data = self._forms.get(form)
        if data is None:
            data = self._forms[form] = encode(self.message)
            self._grown(len(data))
        return data

    def once(self, key: Hashable, make: Callable[["Reply"], T]) -> T:
        """What `make` makes of the reply, made once per key. For little things, such as headers, of a few kinds."""
        made = self._notes.get(key)
        if made is None:
            made = self._notes[key] = make(self)
        return cast("T", made)

    def age(self, now: float) -> int | None:
        """Whole seconds since the oldest of its observations was made; None where not all are kept."""
        return None if self.shelf is None else max(0, int(now - self.shelf.observed))

    def size(self) -> int:
        """Bytes that it takes, about."""
        return _OWN_BYTES + _MESSAGE_GROWTH * self.message.ByteSize() + sum(map(len, self._forms.values()))

    def watch(self, grown: Callable[[int], None]) -> None:
        """Tell `grown` of each form that is made from now on, by its size."""
        self._grown = grown


@dataclass(slots=True, kw_only=True, eq=False)
class _Entry:
    key: tuple[str, bytes]
    reply: Reply
    shelf: ShelfLife
    size: int
    spellings: list[tuple[str, Spelling]] = field(default_factory=list)


class Answers:
    """Replies by the requests that they answer. Bounded in number and bytes: what was used longest ago goes first."""

    def __init__(self, *, most_entries: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        """Keep so many at most; none of them if either is 0."""
        self._most_entries = most_entries
        self._most_bytes = most_bytes
        self._entries: OrderedDict[tuple[str, bytes], _Entry] = OrderedDict()
        self._spelled: dict[tuple[str, Spelling], _Entry] = {}
        self._bytes = 0

    @property
    def held(self) -> tuple[int, int]:
        """How many there are, and about how many bytes they take."""
        return len(self._entries), self._bytes

    def spelled(self, method: str, spelling: Spelling, now: float) -> Reply | None:
        """The reply to a request that was spelled so before, if it is still good."""
        entry = self._spelled.get((method, spelling))
        return None if entry is None else self._good(entry, now)

    def to(self, method: str, request: bytes, now: float, spelling: Spelling | None = None) -> Reply | None:
        """The reply to a request, given in its one deterministic encoding, if it is still good.

        It is found by `spelling` from then on.
        """
        entry = self._entries.get((method, request))
        reply = None if entry is None else self._good(entry, now)
        if entry is not None and reply is not None:
            self._spell(entry, spelling)
        return reply

    def keep(self, method: str, request: bytes, reply: Reply, now: float, spelling: Spelling | None = None) -> Reply:
        """Keep the reply if it may be given again.

        Gives back the one to send: another that somebody else got meanwhile, whose forms may be made already, or this.
        """
        if reply.shelf is None or not reply.shelf.is_good(now):
            return reply
        known = self.to(method, request, now, spelling)
        if known is not None:
            return known
        size = reply.size()
        if size * _LARGEST_PART <= self._most_bytes:
            self._add(_Entry(key=(method, request), reply=reply, shelf=reply.shelf, size=size), now, spelling)
        return reply

    def _add(self, entry: _Entry, now: float, spelling: Spelling | None) -> None:
        self._entries[entry.key] = entry
        self._bytes += entry.size
        entry.reply.watch(lambda grown: self._grow(entry, grown))
        self._spell(entry, spelling)
        self._make_room(now)

    def _good(self, entry: _Entry, now: float) -> Reply | None:
        if not entry.shelf.is_good(now):
            self._drop(entry)
            return None
        entry.shelf.use()
        self._entries.move_to_end(entry.key)
        return entry.reply

    def _spell(self, entry: _Entry, spelling: Spelling | None) -> None:
        if spelling is None or len(spelling) > LONGEST_SPELLING:
            return
        key = (entry.key[0], spelling)
        if key in self._spelled:
            return
        if len(entry.spellings) == _MOST_SPELLINGS:
            self._forget(entry, entry.spellings[0])
        entry.spellings.append(key)
        self._spelled[key] = entry
        self._grow(entry, len(spelling))

    def _forget(self, entry: _Entry, key: tuple[str, Spelling]) -> None:
        entry.spellings.remove(key)
        del self._spelled[key]
        self._grow(entry, -len(key[1]))

    def _grow(self, entry: _Entry, size: int) -> None:
        """Note that the entry, if it is still kept, takes so many bytes more, and let others make room for them."""
        if self._entries.get(entry.key) is entry:
            entry.size += size
            self._bytes += size
            self._make_room(None)

    def _make_room(self, now: float | None) -> None:
        """Drop the oldest while there are too many, or while they are no longer good `now`."""
        while self._entries:
            oldest = next(iter(self._entries.values()))
            too_many = len(self._entries) > self._most_entries or self._bytes > self._most_bytes
            if not too_many and (now is None or oldest.shelf.is_good(now)):
                return
            self._drop(oldest)

    def _drop(self, entry: _Entry) -> None:
        if self._entries.pop(entry.key, None) is None:
            return
        # Else the two would hold each other, up to a page of events each time, until the garbage is collected.
        entry.reply.watch(_nobody_counts)
        self._bytes -= entry.size
        for key in entry.spellings:
            del self._spelled[key]
