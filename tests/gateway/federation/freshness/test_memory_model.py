"""The memory against a plain model of it, through any sequence of what can happen."""

from dataclasses import dataclass, field

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.federation.freshness.entry import Entry
from gateway.federation.freshness.memory import LARGEST_SHARE, Memory
from tests.gateway.federation.freshness.asking import Counting
from tests.gateway.federation.freshness.entries import an_entry

ROOM = 80
KEYS = st.sampled_from("abcdefghijklmnop")
SIZES = st.integers(7, ROOM // LARGEST_SHARE + 1)
LIVES = st.sampled_from([3, 50, 500])
"""Of so many keys, about half have room at once."""


@dataclass(slots=True)
class PlainSieve:
    """SIEVE as its paper draws it: a row from the oldest to the newest, visited ones, and a hand."""

    row: list[str] = field(default_factory=list)
    visited: set[str] = field(default_factory=set)
    hand: str | None = None

    def take_out(self, key: str) -> None:
        at = self.row.index(key)
        if self.hand == key:
            self.hand = self.row[at + 1] if at + 1 < len(self.row) else None
        self.row.remove(key)
        self.visited.discard(key)

    def victim(self) -> str:
        at = self.row.index(self.hand) if self.hand is not None else 0
        while self.row[at] in self.visited:
            self.visited.remove(self.row[at])
            at = (at + 1) % len(self.row)
        self.hand = self.row[at]
        return self.row[at]


class MemoryMachine(RuleBasedStateMachine):
    """Keys with an entry each, in a dict, and the row in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self.memory = Memory(ROOM, Counting())
        self.now = 0.0
        self.known: dict[str, Entry] = {}
        self.sieve = PlainSieve()
        self.dropped: list[Entry] = []

    @rule(key=KEYS, size=SIZES, life=LIVES)
    def put_one(self, key: str, size: int, life: int) -> None:
        self.put(key, size, life)

    def put(self, key: str, size: int, life: int) -> None:
        entry = an_entry(size, gone_at=self.now + life)

        assert self.memory.put(key, entry, self.now) == (size * LARGEST_SHARE <= ROOM)

        was_visited = key in self.sieve.visited
        if key in self.known:
            self._drop(key)
        for gone in [each for each, kept in self.known.items() if kept.gone_at <= self.now]:
            self._drop(gone)
        if size * LARGEST_SHARE <= ROOM:
            while sum(kept.size for kept in self.known.values()) + size > ROOM:
                self._drop(self.sieve.victim())
            self.known[key] = entry
            self.sieve.row.append(key)
            if was_visited:
                self.sieve.visited.add(key)

    @rule(keys=st.lists(KEYS, min_size=4, max_size=12), size=SIZES, life=LIVES)
    def put_many(self, keys: list[str], size: int, life: int) -> None:
        for key in keys:
            self.put(key, size, life)

    @rule(key=KEYS)
    def get(self, key: str) -> None:
        known = self.known.get(key)
        expected = known if known is not None and self.now < known.gone_at else None

        assert self.memory.get(key, self.now) is expected

        if expected is not None:
            self.sieve.visited.add(key)

    @rule(key=KEYS)
    def give_again(self, key: str) -> None:
        """An answer that is made of the entry, and is given again without a look into the memory."""
        if key in self.known:
            self.known[key].mark.is_used = True
            self.sieve.visited.add(key)

    @rule(seconds=st.integers(1, 4))
    def time_passes(self, seconds: int) -> None:
        self.now += seconds

    @invariant()
    def it_holds_what_the_model_holds(self) -> None:
        assert len(self.memory) == len(self.known)
        assert self.memory.size == sum(entry.size for entry in self.known.values()) <= ROOM
        assert all(entry.mark.is_kept for entry in self.known.values())
        assert not any(entry.mark.is_kept for entry in self.dropped)

    def _drop(self, key: str) -> None:
        self.dropped.append(self.known.pop(key))
        self.sieve.take_out(key)


TestMemoryMachine = MemoryMachine.TestCase
TestMemoryMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
