"""What keeping and sharing answers does, as somebody may want to count it."""

from typing import Literal, Protocol

Level = Literal["memory", "shared"]
"""Where an observation was looked for: in this process, or in what the replicas share."""

Found = Literal["fresh", "stale", "miss"]
"""What was found there."""


class FederationMeter(Protocol):
    """Counts. Cheap to call, and never raises."""

    def looked_up(self, source: str, level: Level, found: Found) -> None:
        """An observation was looked for."""
        ...

    def coalesced(self, source: str) -> None:
        """A question shares a request that was under way already."""
        ...

    def revalidated(self, source: str, result: Literal["answered", "failed", "left_to_another"]) -> None:
        """A stale observation was to be replaced in the background."""
        ...

    def drifted(self, source: str, kind: str, count: int) -> None:
        """An answer departed so often from its documentation; `kind` is `unknown`, `missing` or `mistyped`."""
        ...

    def held(self, *, entries: int, size: int) -> None:
        """So many observations of so many bytes in all are kept in memory now."""
        ...

    def evicted(self, why: Literal["size", "gone"]) -> None:
        """An observation was dropped, since there was no room, or because it had grown too old."""
        ...

    def sharing_failed(self, operation: str) -> None:
        """What the replicas share could not be asked in time: `get`, `put`, `lease` or `limit`."""
        ...


class UnmeteredFederation:
    """Counts nothing."""

    def looked_up(self, source: str, level: Level, found: Found) -> None:
        """Nothing."""

    def coalesced(self, source: str) -> None:
        """Nothing."""

    def revalidated(self, source: str, result: Literal["answered", "failed", "left_to_another"]) -> None:
        """Nothing."""

    def drifted(self, source: str, kind: str, count: int) -> None:
        """Nothing."""

    def held(self, *, entries: int, size: int) -> None:
        """Nothing."""

    def evicted(self, why: Literal["size", "gone"]) -> None:
        """Nothing."""

    def sharing_failed(self, operation: str) -> None:
        """Nothing."""
