"""Where an upstream's answers depart from its documentation: counted and shown, never fatal."""

from collections.abc import Iterator
from enum import Enum

from unified.analytics.v1.outcome_pb2 import DriftWarning

MOST_FIELDS = 100
"""Departures told apart by one log; an upstream that invents field names must not fill our memory."""

OTHERS = "…"
"""Stands for all fields past so many."""

_LONGEST_FIELD = 200


class DriftKind(Enum):
    """How a field departs."""

    UNKNOWN = DriftWarning.KIND_UNKNOWN
    MISSING = DriftWarning.KIND_MISSING
    MISTYPED = DriftWarning.KIND_MISTYPED


class DriftLog:
    """Counts departures by kind and field, in the upstream's spelling (`results[].user.realm`). Holds no value."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        """Start with none."""
        self._counts: dict[tuple[str, DriftKind], int] = {}

    def note(self, field: str, kind: DriftKind, count: int = 1) -> None:
        """Count a departure. Past `MOST_FIELDS` different ones, further fields count as `OTHERS`."""
        key = (field[:_LONGEST_FIELD], kind)
        if key not in self._counts and len(self._counts) >= MOST_FIELDS:
            key = (OTHERS, kind)
        self._counts[key] = self._counts.get(key, 0) + count

    def merge(self, other: "DriftLog") -> None:
        """Count all that another log has counted."""
        if not other:
            return  # nearly always: it need not be sorted
        for field, kind, count in other:
            self.note(field, kind, count)

    def __len__(self) -> int:
        """How many different departures there were."""
        return len(self._counts)

    def __iter__(self) -> Iterator[tuple[str, DriftKind, int]]:
        """Field, kind and count, sorted by field."""
        for (field, kind), count in sorted(self._counts.items(), key=lambda item: (item[0][0], item[0][1].value)):
            yield field, kind, count
