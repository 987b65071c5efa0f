"""Puts a plan to its sources, and judges what came of it."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import TypeVar

from adapters.clock import Clock
from adapters.errors import InvalidPositionError
from adapters.ports import EventsPage
from gateway.federation.asks import Ask, Plan
from gateway.federation.fanout import fan_out
from gateway.federation.history import History
from gateway.federation.observation import Observation, Put, cache_miss, observe, put
from gateway.federation.open_source import OpenSource
from gateway.federation.outcomes import outcome_of, outcomes_of
from gateway.federation.verdict import judge
from gateway.federation.walking import Arrival, walk
from gateway.pipeline.call import Call
from gateway.pipeline.errors import FieldViolation, InvalidTokenError
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.source_pb2 import SourceHistory

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the sources said, and what became of each."""

    observations: Sequence[Observation]
    outcomes: Sequence[SourceOutcome]
    """One per source and part, sorted so."""

    def items(self, kind: type[T]) -> list[T]:
        """All items of one kind, in no promised order."""
        return [item for observation in self.observations for item in observation.items if isinstance(item, kind)]

    def pages(self) -> dict[str, EventsPage]:
        """The page of each source that was asked for events and had one."""
        return {seen.source: item for seen in self.observations for item in seen.items if isinstance(item, EventsPage)}


class Federation:
    """The open sources, asked together."""

    def __init__(self, sources: Mapping[str, OpenSource], clock: Clock) -> None:
        """Ask these sources, by their ids; `clock` says what today is."""
        self.sources = dict(sorted(sources.items()))
        self.clock = clock
        now = clock.now()
        self._histories = {source: History(start_time=now) for source in self.sources}

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
        observations = await fan_out(plan.asks, lambda ask: self._observe(ask, put, plan, call))
        # Before there are outcomes: that the caller's token is wrong is not a failure of the source.
        _check_positions(plan, observations)
        answer = Answer(observations=observations, outcomes=outcomes_of(observations))
        call.outcomes = list(answer.outcomes)
        return answer

    async def walk(self, plan: Plan, call: Call) -> AsyncGenerator[Arrival | SourceOutcome]:
        """The pages of all sources as they come, and behind the last page of each its outcome, which the call is told.

        Close it (`aclosing`) to stop it.

        Raises:
            SourcesFailedError: the plan wants more than what came; what was delivered before is good.
            InvalidTokenError: a position in a question is not one that its source gave out.
        """
        call.outcomes = []
        async with aclosing(walk(plan.asks, lambda ask, how: self._observe(ask, how, plan, call))) as arrivals:
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

    async def _observe(self, ask: Ask, how: Put, plan: Plan, call: Call) -> Observation:
        """The one way in which anything is asked; what is kept of earlier observations belongs here."""
        if plan.only_cached:
            return cache_miss(ask)
        seen = await observe(ask, call, how)
        # How long a walk takes is up to its reader.
        self._histories[seen.source].add(seen, self.clock.now(), timed=how is put)
        return seen

    def _note_page(self, arrival: Arrival) -> None:
        """A walk may go on for an hour, or be left: its pages tell that the upstream is alive meanwhile."""
        if arrival.observe_time is not None:
            self._histories[arrival.source].heard(arrival.observe_time)


def _check_positions(plan: Plan, observations: Sequence[Observation]) -> None:
    if plan.token_field and any(isinstance(seen.error, InvalidPositionError) for seen in observations):
        message = "holds a position that its source did not give out; bring back a token exactly as it was given"
        raise InvalidTokenError(FieldViolation(field=plan.token_field, description=message))
