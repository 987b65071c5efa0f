"""Hands out observations: those at hand where they will do, and new ones where they won't."""

import asyncio
import math
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Literal, NamedTuple

from adapters.clock import Clock
from adapters.errors import InvalidPositionError
from adapters.timeout import Timeout
from gateway.federation.asking import MARGIN, left_behind
from gateway.federation.asks import Ask, Key
from gateway.federation.freshness.entry import Entry
from gateway.federation.freshness.fetching import Fetcher
from gateway.federation.freshness.flights import Flight, Flights, Found
from gateway.federation.freshness.memory import Memory
from gateway.federation.freshness.replicas import Replicas
from gateway.federation.freshness.wish import Use, Wish, stands_in, use_of
from gateway.federation.meter import FederationMeter
from gateway.federation.observation import Observation, cache_miss, not_asked
from gateway.pipeline.call import Call

MOST_REVALIDATIONS = 64
"""Observations that are fetched in the background at once. Beyond that, whoever wants a new one waits for it."""

_BACKGROUND = 30.0
"""Seconds that fetching one may take: nobody waits for it, and a connection that hangs must not stay for ever."""


class _Seat(NamedTuple):
    """The place of one who waits."""

    flight: Flight
    key: Key | None
    waited_before: float
    """Seconds for which the flight had waited for its upstream before."""

    def waited(self) -> float:
        """Seconds for which it has waited since."""
        return self.flight.inquiry.waited_by_now() - self.waited_before


class Observatory:
    """Observations by question. Each question is put once at a time, and its answer used for as long as it may be."""

    def __init__(
        self,
        *,
        clock: Clock,
        record: Callable[[Observation], None],
        memory: Memory,
        replicas: Replicas | None,
        meter: FederationMeter,
    ) -> None:
        """`record` is told of every question that was put, once. Without `replicas`, nothing is shared."""
        self._clock = clock
        self._record = record
        self._memory = memory
        self._replicas = replicas
        self._meter = meter
        self._flights = Flights(
            Fetcher(clock=clock, record=record, memory=memory, replicas=replicas).fetch, clock, meter
        )
        self._revalidating = 0

    async def observe(self, asks: Sequence[Ask], wish: Wish, call: Call) -> list[Found]:
        """An answer to each question, in their order, by `call.leave_at()`. The call is told how long it has waited.

        Who is cancelled, or out of time, leaves: questions for which nobody waits any more are cancelled.
        """
        now, leave_at = self._clock.monotonic(), call.leave_at()
        places = [self._find(ask, wish, now, leave_at, call.request_id) for ask in asks]
        seats = [place for place in places if isinstance(place, _Seat)]
        if seats:
            await self._wait(seats, leave_at)
            awaited = self._clock.monotonic() - now
            call.waited = min(awaited, max([seat.waited() for seat in seats]))
        return [self._landed(place, wish) if isinstance(place, _Seat) else place for place in places]

    async def close(self) -> None:
        """Cancel whatever is under way, and see it end."""
        await self._flights.close()

    def _find(self, ask: Ask, wish: Wish, now: float, leave_at: float, request_id: str) -> Found | _Seat:
        key = ask.key
        if key is not None and not wish.wants_new:
            entry = self._memory.get(key, now)
            self._meter.looked_up(ask.source.id, "memory", _found(entry, now))
            if entry is not None and (found := self._used(entry, key, wish, request_id)) is not None:
                return found
            if wish.forbids_asking:
                # Another replica may have it. Who may not ask does not wait for those who do.
                may_be_shared = self._replicas is not None and self._replicas.share(ask)
                if not may_be_shared:
                    return Found(seen=cache_miss(ask))
        flight = self._flights.board(ask, key, wish, leave_at, request_id)
        return _Seat(flight=flight, key=key, waited_before=flight.inquiry.waited_by_now())

    def _used(self, entry: Entry, key: Key, wish: Wish, request_id: str) -> Found | None:
        """The entry as an answer, if it is one."""
        match use_of(entry, wish, self._clock.monotonic()):
            case Use.GOOD:
                return Found(seen=entry.seen, entry=entry)
            case Use.STALE:
                return Found(seen=not_asked(entry.seen), entry=entry)
            case Use.MEANWHILE if self._revalidate(entry, key, request_id):
                return Found(seen=entry.seen, entry=entry)
            case _:
                return None

    async def _wait(self, seats: Sequence[_Seat], leave_at: float) -> None:
        """Until all have landed, or it is time to leave. Who was the last to wait for a question cancels it."""
        try:
            landed = await self._flights.landing([seat.flight for seat in seats], leave_at)
        except asyncio.CancelledError:
            if left := self._leave(seats):
                await asyncio.wait([flight.task for flight in left])
            raise
        if landed:
            self._leave(seats)
        else:
            await self._leave_late(seats)

    def _leave(self, seats: Sequence[_Seat]) -> list[Flight]:
        """Leave all, and tell which of them nobody waits for any more."""
        return [seat.flight for seat in seats if self._flights.leave(seat.flight)]

    async def _leave_late(self, seats: Sequence[_Seat]) -> None:
        """A question whose last caller ran out of time has timed out. It gets a moment to end, no more."""
        left = self._leave(seats)
        for flight in left:
            self._record(left_behind(flight.ask, flight.inquiry, flight.started))
        with suppress(TimeoutError), Timeout(self._clock, self._clock.monotonic() + MARGIN):
            if left:
                await asyncio.wait([flight.task for flight in left])

    def _landed(self, seat: _Seat, wish: Wish) -> Found:
        """What came of waiting, or what stands in for it."""
        flight, key, now = seat.flight, seat.key, self._clock.monotonic()
        found = _result(flight)
        entry = None if key is None else self._memory.peek(key, now)
        if wish.forbids_asking:
            looked = None if entry is None or key is None else self._used(entry, key, wish, flight.request_id)
            return looked or (found if found.seen.error is None else Found(seen=cache_miss(flight.ask)))
        error = found.seen.error
        if entry is None or error is None or isinstance(error, InvalidPositionError):
            return found
        return Found(seen=entry.seen.in_place_of(error), entry=entry) if stands_in(entry, wish, now) else found

    def _revalidate(self, entry: Entry, key: Key, request_id: str) -> bool:
        """See that somebody fetches a new observation. False: whoever wants one has to wait for it."""
        now = self._clock.monotonic()
        if now < entry.rests_until:
            return not math.isinf(entry.rests_until)
        if self._flights.under_way(key, Wish()) is None:
            if self._revalidating >= MOST_REVALIDATIONS:
                return False
            self._revalidating += 1
            ask, leave_at = entry.seen.ask, now + _BACKGROUND
            flight = self._flights.begin(ask, key, Wish(), leave_at, request_id, replaces=entry)
            flight.task.add_done_callback(lambda _: self._revalidated(flight, entry))
        return True

    def _revalidated(self, flight: Flight, stale: Entry) -> None:
        self._revalidating -= 1
        self._flights.leave(flight)
        if flight.task.cancelled():
            return
        found = flight.task.result()
        source = flight.ask.source.id
        if found.entry is stale:
            self._meter.revalidated(source, "left_to_another")
            return
        self._meter.revalidated(source, "answered" if found.seen.error is None else "failed")
        if stale.mark.is_kept:
            stale.give_up()


def _found(entry: Entry | None, now: float) -> Literal["fresh", "stale", "miss"]:
    if entry is None:
        return "miss"
    return "fresh" if now < entry.fresh_until else "stale"


def _result(flight: Flight) -> Found:
    """What a flight came to for who waits no longer."""
    if flight.task.done() and not flight.task.cancelled():
        return flight.task.result()
    return Found(seen=left_behind(flight.ask, flight.inquiry, flight.started))
