"""The second level: what the replicas of this gateway share."""

from collections.abc import Mapping

from adapters.clock import Clock
from adapters.query import EventsQuestion
from gateway.federation.asks import Ask
from gateway.federation.freshness.entry import Entry, entry_of
from gateway.federation.freshness.keys import fingerprint, shared_key
from gateway.federation.meter import FederationMeter
from gateway.federation.open_source import OpenSource
from gateway.federation.serialising import dump, load
from gateway.federation.sharing import SharedCache

LOOK_AGAIN = (0.025, 0.05, 0.1, 0.2)
"""Seconds between looks for what another replica is about to bring, where nothing is at hand. Together they are short
of what people notice: if that one has died, its lease still costs no more."""


class Replicas:
    """Observations of other replicas, and the leases by which one of them asks for all."""

    def __init__(
        self, shared: SharedCache, sources: Mapping[str, OpenSource], clock: Clock, meter: FederationMeter
    ) -> None:
        """Share by way of `shared`. Takes some tens of milliseconds for each source, for the sake of its secrets."""
        self._shared = shared
        self._fingerprints = {id_: fingerprint(source) for id_, source in sources.items()}
        self._clock = clock
        self._meter = meter

    def share(self, ask: Ask) -> bool:
        """Whether what comes of such a question is shared."""
        # Pages of events are fresh for seconds, large, and about people: they stay in this process.
        return not isinstance(ask.question, EventsQuestion)

    async def look(self, ask: Ask) -> Entry | None:
        """What is shared, with its true age, unless it is gone."""
        value = await self._shared.get(self._key(ask))
        seen = None if value is None else load(ask, value)
        entry = None if seen is None else entry_of(seen, self._clock)
        now = self._clock.monotonic()
        if entry is None or now >= entry.gone_at:
            self._meter.looked_up(ask.source.id, "shared", "miss")
            return None
        self._meter.looked_up(ask.source.id, "shared", "fresh" if now < entry.fresh_until else "stale")
        return entry

    def put(self, entry: Entry) -> None:
        """Share an observation until it is gone, if others can make use of it."""
        left = entry.gone_at - self._clock.monotonic()
        value = dump(entry.seen)
        if value is not None and left > 0:
            self._shared.put(self._key(entry.seen.ask), value, left)

    async def lease(self, ask: Ask, seconds: float) -> bool:
        """Whether this replica is to ask."""
        return await self._shared.lease(self._key(ask), seconds)

    def release(self, ask: Ask) -> None:
        """This replica has asked, or can't any more."""
        self._shared.release(self._key(ask))

    def _key(self, ask: Ask) -> str:
        return shared_key(ask, self._fingerprints[ask.source.id])
