"""Asks a source, and reads what the federation then remembers of it."""

from adapters.inquiry import Inquiry
from gateway.federation import Federation
from gateway.federation.asks import Ask, CheckQuestion, Plan
from tests.clock import VirtualClock
from tests.fakes import FakeSource, a_call
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.source_pb2 import SourceHistory


class MovingSource(FakeSource):
    """Takes the clock along: each answer takes a second longer than the one before."""

    def __init__(self, id: str, clock: VirtualClock) -> None:  # noqa: A002 - what the port calls it
        super().__init__(id, things=1)
        self._clock = clock
        self.answers = 0

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        self.answers += 1
        await self._clock.advance(self.answers)
        await super().ready(inquiry, question)


async def check(asked: Federation, source: str = "crm", times: int = 1) -> SourceHistory:
    """Put the cheapest question to the source, so many times."""
    plan = Plan(asks=(Ask(source=asked.sources[source], question=CheckQuestion()),))
    for _ in range(times):
        await asked.observe(plan, a_call(asked.clock, seconds=1000))
    return asked.history(source)


def counted(history: SourceHistory) -> dict[str, int]:
    """The counts, by state without its prefix."""
    return {SourceOutcome.State.Name(each.state).removeprefix("STATE_"): each.count for each in history.counts}
