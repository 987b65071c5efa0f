"""Puts a plan to its sources, and judges what came of it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from itertools import chain
from typing import TypeVar, cast

from adapters.clock import Clock
from adapters.errors import InvalidPositionError
from adapters.ports import EventsPage
from gateway.federation.asking import Put, inquire, inquiry_for
from gateway.federation.asks import Ask, Plan
from gateway.federation.freshness.memory import MOST_BYTES, Memory
from gateway.federation.freshness.observatory import Observatory
from gateway.federation.freshness.replicas import Replicas
from gateway.federation.freshness.shelf import end_of_windows, shelf_of
from gateway.federation.freshness.wish import Wish
from gateway.federation.history import History
from gateway.federation.meter import FederationMeter, UnmeteredFederation
from gateway.federation.observation import Observation, cache_miss
from gateway.federation.open_source import OpenSource
from gateway.federation.outcomes import outcome_of, outcomes_of
from gateway.federation.sharing import SharedCache
from gateway.federation.verdict import judge
from gateway.federation.walking import Arrival, walk
from gateway.pipeline.call import Call
from gateway.pipeline.errors import FieldViolation, InvalidTokenError
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.source_pb2 import SourceHistory

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the sources said, and what became of each."""

    observations: Sequence[Observation]
    """In the order of the plan's questions."""
    outcomes: Sequence[SourceOutcome]
    """One per source and part, sorted so."""

    def items(self, kind: type[T]) -> list[T]:
        """All items of one kind, source by source, sorted by their ids."""
        # All items of one observation are of one kind.
        found = [seen.items for seen in self.observations if seen.items and isinstance(seen.items[0], kind)]
        return cast("list[T]", list(chain.from_iterable(found)))

    def pages(self) -> dict[str, EventsPage]:
        """The page of each source that was asked for events and had one."""
        return {seen.source: item for seen in self.observations for item in seen.items if isinstance(item, EventsPage)}


class Federation:
    """The open sources, asked together."""

    def __init__(
        self,
        sources: Mapping[str, OpenSource],
        clock: Clock,
        *,
        memory_bytes: int = MOST_BYTES,
        shared: SharedCache | None = None,
        meter: FederationMeter | None = None,
    ) -> None:
        """Ask these sources, by their ids; `clock` says what today is.

        What they said is used again: at most `memory_bytes` of it, and, with `shared`, also what was said to others.
        """
        self.sources = dict(sorted(sources.items()))
        self.clock = clock
        now = clock.now()
        self._histories = {source: History(start_time=now) for source in self.sources}
        self._meter = meter or UnmeteredFederation()
        self._observatory = Observatory(
            clock=clock,
            record=self._record,
            memory=Memory(memory_bytes, self._meter),
            replicas=Replicas(shared, self.sources, clock, self._meter) if shared is not None else None,
            meter=self._meter,
        )

    async def close(self) -> None:
        """Cancel whatever is still being asked, in the background too. To be done before the sources are closed."""
        await self._observatory.close()

    def history(self, source: str) -> SourceHistory:
        """What came of asking the source of this id."""
        return self._histories[source].told()

    async def ask(self, plan: Plan, call: Call) -> Answer:
        """Ask all at once, and leave at `call.leave_at()` with what is there by then. The call is told the outcomes.

        Raises:
            SourcesFailedError: the plan wants more than what came; its subclasses say more.
            InvalidTokenError: a position in a question is not one that its source gave out.
        """
        answer = await self.observe(plan, call)
        judge(plan, answer.outcomes)
        return answer

    async def observe(self, plan: Plan, call: Call) -> Answer:
        """As `ask`, without a judgement: what failed is an answer too.

        Raises:
            InvalidTokenError: a position in a question is not one that its source gave out.
        """
        wish = Wish.of(plan.freshness, plan.max_age)
        until = end_of_windows(self.clock)
        found = await self._observatory.observe(plan.asks, wish, call)
        observations = [each.seen for each in found]
        # Before there are outcomes: that the caller's token is wrong is not a failure of the source.
        _check_positions(plan, observations)
        answer = Answer(observations=observations, outcomes=outcomes_of(observations))
        call.outcomes = list(answer.outcomes)
        call.shelf = shelf_of(found, wish, until=until)
        return answer

    async def walk(self, plan: Plan, call: Call) -> AsyncGenerator[Arrival | SourceOutcome]:
        """The pages of all sources as they come, and behind the last page of each its outcome, which the call is told.

        Close it (`aclosing`) to stop it.

        Raises:
            SourcesFailedError: the plan wants more than what came; what was delivered before is good.
            InvalidTokenError: a position in a question is not one that its source gave out.
        """
        call.outcomes = []
        async with aclosing(walk(plan.asks, lambda ask, how: self._read(ask, how, plan, call))) as arrivals:
            async for arrival in arrivals:
                if isinstance(arrival, Arrival):
                    self._note_page(arrival)
                    yield arrival
                    continue
                _check_positions(plan, [arrival])
                outcome = outcome_of([arrival])
                call.outcomes.append(outcome)
                judge(plan, call.outcomes)
                yield outcome

    async def _read(self, ask: Ask, how: Put, plan: Plan, call: Call) -> Observation:
        """One source's part of a walk: always from the upstream, for nothing of it is kept."""
        if plan.freshness == FRESHNESS_CACHED:
            return cache_miss(ask)
        inquiry = inquiry_for(ask, call.clock, call.leave_at())
        seen = await inquire(ask, inquiry, how, give_up_at=call.leave_at(), request_id=call.request_id)
        call.waited = max(call.waited, inquiry.waited)
        # How long a walk takes is up to its reader.
        self._record(seen, timed=False)
        return seen

    def _record(self, seen: Observation, *, timed: bool = True) -> None:
        """Note what came of a question that was put, once for all who share it."""
        self._histories[seen.source].add(seen, self.clock.now(), timed=timed)
        for _, kind, count in seen.drift or ():
            self._meter.drifted(seen.source, kind.name.lower(), count)

    def _note_page(self, arrival: Arrival) -> None:
        """A walk may go on for an hour, or be left: its pages tell that the upstream is alive meanwhile."""
        if arrival.observe_time is not None:
            self._histories[arrival.source].heard(arrival.observe_time)


def _check_positions(plan: Plan, observations: Sequence[Observation]) -> None:
    if plan.token_field and any(isinstance(seen.error, InvalidPositionError) for seen in observations):
        message = "holds a position that its source did not give out; bring back a token exactly as it was given"
        raise InvalidTokenError(FieldViolation(field=plan.token_field, description=message))
