"""Tells whether two ways to the same events came to the same events."""

import hashlib
from collections.abc import Iterable

from unified.analytics.v1.event_pb2 import Event


class EventDigest:
    """A fingerprint of events in their order, however they are cut into batches."""

    def __init__(self) -> None:
        """Of no events, so far."""
        self._hash = hashlib.sha256()

    def add(self, events: Iterable[Event]) -> None:
        """Take in the next events."""
        for event in events:
            self._hash.update(event.SerializeToString(deterministic=True))

    @property
    def text(self) -> str:
        """The fingerprint."""
        return self._hash.hexdigest()
