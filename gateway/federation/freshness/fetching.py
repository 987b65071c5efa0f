"""Fetches new observations, from another replica or from the upstream, and keeps them."""

from collections.abc import Callable, Coroutine
from typing import Any

from adapters.clock import Clock
from gateway.federation.asking import inquire, put
from gateway.federation.asks import Key
from gateway.federation.freshness.entry import Entry, entry_of, is_newer, is_worth_keeping
from gateway.federation.freshness.flights import Flight, Found
from gateway.federation.freshness.memory import Memory
from gateway.federation.freshness.replicas import LOOK_AGAIN, Replicas
from gateway.federation.freshness.wish import Use, use_of
from gateway.federation.observation import Observation, cache_miss

_REST = 1.0
"""Seconds until it is looked again for what another replica fetches in the background."""

_LEASE_MARGIN = 1.0
"""Seconds by which a lease outlives the question: whoever waits for it must not ask while the answer is on its way."""


class Fetcher:
    """What a flight does."""

    def __init__(
        self, *, clock: Clock, record: Callable[[Observation], None], memory: Memory, replicas: Replicas | None
    ) -> None:
        """`record` is told of every question that was put, once."""
        self._clock = clock
        self._record = record
        self._memory = memory
        self._replicas = replicas

    def fetch(self, flight: Flight) -> Coroutine[Any, Any, Found]:
        """An answer for all who wait, with the upstream's failure as one. Raises only if it is cancelled."""
        if self._replicas is None or flight.key is None or not self._replicas.share(flight.ask):
            return self._ask(flight)
        return self._ask_for_all_replicas(flight, flight.key, self._replicas)

    async def _ask_for_all_replicas(self, flight: Flight, key: Key, replicas: Replicas) -> Found:
        if found := await self._shared(flight, key, replicas):
            return found
        if flight.only_looks:
            return Found(seen=cache_miss(flight.ask))
        if await replicas.lease(flight.ask, flight.inquiry.remaining() + _LEASE_MARGIN):
            try:
                return await self._ask(flight)
            finally:
                replicas.release(flight.ask)
        return await self._left_to_another(flight, key, replicas) or await self._ask(flight)

    async def _left_to_another(self, flight: Flight, key: Key, replicas: Replicas) -> Found | None:
        """What another replica, which asks at present, brings in time; where nobody waits, what is at hand."""
        stale = flight.replaces
        if stale is not None and flight.waiting == 1:
            stale.rests_until = self._clock.monotonic() + _REST
            return Found(seen=stale.seen, entry=stale)
        for seconds in LOOK_AGAIN:
            # Should nothing come, there must be time left to ask.
            if flight.wants_new() or seconds > flight.inquiry.remaining() / 2:
                break
            with flight.inquiry.waiting():
                await self._clock.sleep(seconds)
            if found := await self._shared(flight, key, replicas):
                return found
        return None

    async def _shared(self, flight: Flight, key: Key, replicas: Replicas) -> Found | None:
        """What another replica has observed, if it is good for all who wait. It is kept here in any case."""
        if flight.wants_new() or (entry := await replicas.look(flight.ask)) is None:
            return None
        now = self._clock.monotonic()
        known, is_kept = self._memory.peek(key, now), True
        if known is None or is_newer(entry, known):
            is_kept = self._memory.put(key, entry, now)
        else:
            entry = known
        is_good = all(use_of(entry, wish, now) is Use.GOOD for wish in flight.wishes)
        return Found(seen=entry.seen, entry=entry if is_kept else None) if is_good else None

    async def _ask(self, flight: Flight) -> Found:
        give_up_at = None if flight.replaces is None else flight.latest
        request_id = flight.request_id
        seen = await inquire(flight.ask, flight.inquiry, put, give_up_at=give_up_at, request_id=request_id)
        self._record(seen)
        return Found(seen=seen, entry=self._keep(flight.key, seen))

    def _keep(self, key: Key | None, seen: Observation) -> Entry | None:
        if key is None or not is_worth_keeping(seen):
            return None
        entry = entry_of(seen, self._clock)
        now = self._clock.monotonic()
        # Where the policy is to keep nothing, it is gone as soon as it is there.
        is_kept = self._memory.put(key, entry, now) and now < entry.gone_at
        if self._replicas is not None and self._replicas.share(seen.ask):
            self._replicas.put(entry)
        return entry if is_kept else None
