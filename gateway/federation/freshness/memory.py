"""The first level: observations in this process's memory, bounded in bytes."""

from collections.abc import Hashable
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from gateway.federation.freshness.entry import Entry
from gateway.federation.meter import FederationMeter

MOST_BYTES = 64 * 1024 * 1024
"""What all entries together may take, unless it is told otherwise."""

LARGEST_SHARE = 8
"""No entry takes more than one in so many of these bytes: it would drive out too many others."""

_SPARE = 64


@dataclass(slots=True, eq=False)
class _Node:
    key: Hashable
    entry: Entry
    newer: "_Node | None" = None
    older: "_Node | None" = None


class Memory:
    """Entries by key. Where there is no room, those that are gone go first, and then those that nobody came back for.

    What goes is chosen by SIEVE (Zhang et al., "SIEVE is Simpler than LRU", NSDI 2024): entries stand in the order in
    which they came, and a hand moves from the oldest to the newest, spares once whatever was used since it last passed,
    and takes away the first that was not. Whoever pages through a year of events pushes out his own pages only.
    """

    def __init__(self, most_bytes: int, meter: FederationMeter) -> None:
        """Hold entries of at most so many bytes in all."""
        self._most_bytes = most_bytes
        self._meter = meter
        self._nodes: dict[Hashable, _Node] = {}
        self._size = 0
        self._newest: _Node | None = None
        self._oldest: _Node | None = None
        self._hand: _Node | None = None
        self._ends: list[tuple[float, int, Hashable]] = []
        self._put = 0

    @property
    def size(self) -> int:
        """Bytes of all entries."""
        return self._size

    def __len__(self) -> int:
        """Number of entries."""
        return len(self._nodes)

    def get(self, key: Hashable, now: float) -> Entry | None:
        """The entry, which is used thereby, unless it is gone."""
        node = self._nodes.get(key)
        if node is None or now >= node.entry.gone_at:
            return None
        node.entry.mark.is_used = True
        return node.entry

    def peek(self, key: Hashable, now: float) -> Entry | None:
        """As `get`, without using it."""
        node = self._nodes.get(key)
        return None if node is None or now >= node.entry.gone_at else node.entry

    def put(self, key: Hashable, entry: Entry, now: float) -> bool:
        """Keep an entry, in place of an older one. False: it is too large, and nothing is kept."""
        known = self._nodes.get(key)
        if known is not None:
            self._take_out(known)
        self._take_out_gone(now)
        fits = entry.size * LARGEST_SHARE <= self._most_bytes
        if fits:
            while self._size + entry.size > self._most_bytes:
                self._take_out_least_used()
            entry.mark.is_used = known is not None and known.entry.mark.is_used
            self._add(_Node(key, entry))
        self._meter.held(entries=len(self._nodes), size=self._size)
        return fits

    def _add(self, node: _Node) -> None:
        self._nodes[node.key] = node
        self._size += node.entry.size
        node.older, self._newest = self._newest, node
        if node.older is None:
            self._oldest = node
        else:
            node.older.newer = node
        self._put += 1
        heappush(self._ends, (node.entry.gone_at, self._put, node.key))

    def _take_out(self, node: _Node) -> None:
        del self._nodes[node.key]
        self._size -= node.entry.size
        node.entry.mark.is_kept = False
        if self._hand is node:
            self._hand = node.newer
        if node.older is None:
            self._oldest = node.newer
        else:
            node.older.newer = node.newer
        if node.newer is None:
            self._newest = node.older
        else:
            node.newer.older = node.older

    def _take_out_gone(self, now: float) -> None:
        while self._ends and self._ends[0][0] <= now:
            node = self._nodes.get(heappop(self._ends)[2])
            # The end may be that of an entry which another has replaced since.
            if node is not None and now >= node.entry.gone_at:
                self._take_out(node)
                self._meter.evicted("gone")
        if len(self._ends) > 2 * len(self._nodes) + _SPARE:
            self._ends = [(node.entry.gone_at, at, node.key) for at, node in enumerate(self._nodes.values())]
            heapify(self._ends)

    def _take_out_least_used(self) -> None:
        node = self._hand or self._oldest
        while node is not None and node.entry.mark.is_used:
            node.entry.mark.is_used = False
            node = node.newer or self._oldest
        if node is None:
            raise RuntimeError("there is nothing to take out, and yet no room")
        self._hand = node.newer
        self._take_out(node)
        self._meter.evicted("size")
