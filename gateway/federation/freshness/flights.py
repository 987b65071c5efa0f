"""Questions that are under way, each once, however many wait for the answer."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from adapters.clock import Clock
from adapters.inquiry import Inquiry
from gateway.federation.asking import MARGIN, inquiry_for
from gateway.federation.asks import Ask, Key
from gateway.federation.freshness.entry import Entry
from gateway.federation.freshness.wish import Wish
from gateway.federation.meter import FederationMeter
from gateway.federation.observation import Observation

_Place = tuple[Key | None, bool]
"""A key, and whether the flight only looks."""


class Found(NamedTuple):
    """An answer to a question."""

    seen: Observation
    entry: Entry | None = None
    """What is kept of it, where it is kept, be it fresh or not."""


@dataclass(slots=True, eq=False)
class _Waiter:
    """One who waits until several flights have landed."""

    awaited: int
    """Flights that have not."""
    woken: asyncio.Future[None]

    def landed(self) -> None:
        """One of them has."""
        self.awaited -= 1
        if not self.awaited:
            self.wake()

    def wake(self) -> None:
        """See what there is."""
        if not self.woken.done():
            self.woken.set_result(None)


@dataclass(slots=True, kw_only=True, eq=False)
class Flight:
    """A question under way."""

    ask: Ask
    key: Key | None
    inquiry: Inquiry
    started: float
    latest: float
    """Nobody joins it after that, nor is it extended: what hangs must not hang for ever on those who come."""
    request_id: str
    """Of the call that began it, for the log."""
    wishes: set[Wish]
    """Of all who wait: what is found meanwhile must be good for each of them."""
    only_looks: bool
    """Whether no upstream may be asked. Who may ask does not join, nor the other way round."""
    replaces: Entry | None = None
    """What it fetches a successor of in the background; nobody waits for that but who has joined."""
    task: asyncio.Task[Found] = field(init=False)
    waiting: int = 1
    waiters: set[_Waiter] = field(default_factory=set)
    """Who is to be told that it has landed."""

    def wants_new(self) -> bool:
        """Whether somebody waits for whom nothing will do that was observed before."""
        return any(wish.wants_new for wish in self.wishes)


class Flights:
    """All questions that are under way."""

    def __init__(
        self, work: Callable[[Flight], Coroutine[Any, Any, Found]], clock: Clock, meter: FederationMeter
    ) -> None:
        """`work` is what a flight does. It raises only if it is cancelled."""
        self._work = work
        self._clock = clock
        self._meter = meter
        self._by_place: dict[_Place, Flight] = {}
        self._tasks: set[asyncio.Task[Found]] = set()

    def under_way(self, key: Key | None, wish: Wish) -> Flight | None:
        """The flight that one who wishes so could join. Without a key there is none."""
        flight = None if key is None else self._by_place.get((key, wish.forbids_asking))
        if flight is None or flight.task.done() or self._clock.monotonic() >= flight.latest:
            return None
        return flight

    def board(self, ask: Ask, key: Key | None, wish: Wish, leave_at: float, request_id: str) -> Flight:
        """Wait for a question, by joining those who do so already where there are any, and until then."""
        flight = self.under_way(key, wish)
        if flight is None:
            return self.begin(ask, key, wish, leave_at, request_id)
        flight.waiting += 1
        flight.wishes.add(wish)
        flight.inquiry.extend(min(leave_at, flight.latest) - MARGIN)
        self._meter.coalesced(ask.source.id)
        return flight

    def begin(  # noqa: PLR0913 - what a question is, who asks it, and why
        self,
        ask: Ask,
        key: Key | None,
        wish: Wish,
        leave_at: float,
        request_id: str,
        *,
        replaces: Entry | None = None,
    ) -> Flight:
        """Put a question, for one who waits until then."""
        now = self._clock.monotonic()
        flight = Flight(
            ask=ask,
            key=key,
            inquiry=inquiry_for(ask, self._clock, leave_at),
            started=now,
            latest=max(leave_at, now + ask.source.freshness.longest_shared),
            request_id=request_id,
            wishes={wish},
            only_looks=wish.forbids_asking,
            replaces=replaces,
        )
        if key is not None:
            self._by_place[key, flight.only_looks] = flight
        flight.task = asyncio.create_task(self._work(flight))
        self._tasks.add(flight.task)
        flight.task.add_done_callback(lambda _: self._landed(flight))
        return flight

    async def landing(self, flights: Iterable[Flight], until: float) -> bool:
        """Wait until all have landed, or until then. Whether they have."""
        # As `asyncio.wait` within a timeout does, without that one's turn of the loop for each of the tasks.
        flying = {flight for flight in flights if not flight.task.done()}
        if not flying:
            return True
        waiter = _Waiter(len(flying), asyncio.get_running_loop().create_future())
        for flight in flying:
            flight.waiters.add(waiter)
        alarm = self._clock.call_at(until, waiter.wake)
        try:
            await waiter.woken
        finally:
            alarm.cancel()
            for flight in flying:
                flight.waiters.discard(waiter)
        return not waiter.awaited

    def leave(self, flight: Flight) -> bool:
        """Wait no longer. Whether nobody does any more, and the flight had not landed: then it is cancelled now."""
        flight.waiting -= 1
        if flight.waiting or flight.task.done():
            return False
        self._forget(flight)
        flight.task.cancel()
        return True

    async def close(self) -> None:
        """Cancel them all, and see them end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _landed(self, flight: Flight) -> None:
        self._tasks.discard(flight.task)
        self._forget(flight)
        for waiter in flight.waiters:
            waiter.landed()

    def _forget(self, flight: Flight) -> None:
        """Who comes from now on begins anew, also while a cancelled one is still on its way out."""
        place = (flight.key, flight.only_looks)
        if self._by_place.get(place) is flight:
            del self._by_place[place]
