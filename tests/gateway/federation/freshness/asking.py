"""Sources and questions by which freshness is tried."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from adapters.inquiry import Inquiry
from adapters.ports import Source
from adapters.query import MetricsQuestion, Window
from gateway.federation import Answer, Federation
from gateway.federation.asks import Ask, Plan, Question
from gateway.federation.meter import UnmeteredFederation
from gateway.pipeline.call import Call
from gateway.pipeline.details import reason_of
from tests.clock import START, VirtualClock
from tests.fakes import FakeSource, a_call, opened
from unified.analytics.v1.freshness_pb2 import FRESHNESS_UNSPECIFIED, Freshness
from unified.analytics.v1.metric_pb2 import METRIC_KIND_GAUGE, Metric, MetricDescriptor
from unified.analytics.v1.outcome_pb2 import SourceOutcome

T = TypeVar("T")

DAY = timedelta(days=1)
OPEN = Window(start=START - DAY, end=START + DAY)
CLOSED = Window(start=START - 3 * DAY, end=START - 2 * DAY)

FRESH_FOR = 300
"""Seconds, of a number as of now, by the policy that sources have by default."""
REVALIDATED_FOR = 30
KEPT_FOR = 3600
JUST_STALE = FRESH_FOR + 1
LONG_STALE = FRESH_FOR + REVALIDATED_FOR + 1
GONE = FRESH_FOR + REVALIDATED_FOR + KEPT_FOR + 1


class Numbers(FakeSource):
    """Tells one level, `<id>.things`: how often it was asked, unless `error` says why not."""

    def __init__(self, id: str = "crm") -> None:  # noqa: A002 - what the port calls it
        super().__init__(id, things=0)
        self.error: Exception | None = None

    @property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        return [MetricDescriptor(metric=metric, value_kind=METRIC_KIND_GAUGE) for metric in self._numbers]

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        self._numbers = dict.fromkeys(self._numbers, len(self.asked) + 1.0)
        if self.error is not None:
            self.asked.append(question)
            inquiry.attempts += 1
            raise self.error
        await super().ready(inquiry, question)


class Gated(Numbers):
    """Answers once it is let to, and takes note of who is sent away."""

    def __init__(self, id: str = "crm") -> None:  # noqa: A002 - as above
        super().__init__(id)
        self.begun = asyncio.Event()
        self.gate = asyncio.Event()
        self.left = 0
        self.inquiries: list[Inquiry] = []

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        self.inquiries.append(inquiry)
        self.begun.set()
        try:
            with inquiry.waiting():
                await self.gate.wait()
        except asyncio.CancelledError:
            self.left += 1
            raise
        await super().ready(inquiry, question)


@dataclass(slots=True)
class Counting(UnmeteredFederation):
    """Counts what it is told, as `operation what` or `operation source what`."""

    said: list[str] = field(default_factory=list)
    entries: int = 0
    size: int = 0

    def looked_up(self, source: str, level: str, found: str) -> None:
        self.said.append(f"looked_up {source} {level} {found}")

    def coalesced(self, source: str) -> None:
        self.said.append(f"coalesced {source}")

    def revalidated(self, source: str, result: str) -> None:
        self.said.append(f"revalidated {source} {result}")

    def drifted(self, source: str, kind: str, count: int) -> None:
        self.said.append(f"drifted {source} {kind} {count}")

    def held(self, *, entries: int, size: int) -> None:
        self.entries, self.size = entries, size

    def evicted(self, why: str) -> None:
        self.said.append(f"evicted {why}")


ASK = Ask(
    source=opened(Numbers())["crm"],
    question=MetricsQuestion(window=OPEN, metrics=frozenset({"crm.things"})),
)


def asks(federation: Federation, question: Question | None = None) -> tuple[Ask, ...]:
    """One question to each source: for all of its metrics, or another."""
    return tuple(
        Ask(source=source, question=question or MetricsQuestion(window=OPEN, metrics=source.metrics))
        for source in federation.sources.values()
    )


async def ask(
    federation: Federation,
    freshness: Freshness = FRESHNESS_UNSPECIFIED,
    *,
    max_age: float | None = None,
    call: Call | None = None,
    question: Question | None = None,
) -> Answer:
    """Ask every source, without a judgement of what comes of it."""
    age = None if max_age is None else timedelta(seconds=max_age)
    plan = Plan(asks=asks(federation, question), freshness=freshness, max_age=age)
    return await federation.observe(plan, call or a_call(federation.clock))


def told(answer: Answer) -> str:
    """What the only source came to: its state, the number told, and the reason why not all is well."""
    (outcome,) = answer.outcomes
    numbers = [f"{metric.value:g}" for metric in answer.items(Metric)]
    reason = [reason_of(outcome.status)] if outcome.HasField("status") else []
    return " ".join([SourceOutcome.State.Name(outcome.state).removeprefix("STATE_"), *numbers, *reason])


@asynccontextmanager
async def running(work: Coroutine[Any, Any, T]) -> AsyncIterator[asyncio.Task[T]]:
    """A task that does not outlive the test, whatever becomes of that."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.wait([task])


def federated(*sources: Source, clock: VirtualClock, **more: object) -> Federation:
    """A federation on this clock."""
    return Federation(opened(*sources), clock, **more)  # type: ignore[arg-type]  # whatever a test hands on


async def just_stale(source: Gated, clock: VirtualClock, **more: object) -> Federation:
    """A federation that asked its source once, a little too long ago. Next time the source waits until it is let."""
    source.gate.set()
    asked = federated(source, clock=clock, **more)
    await ask(asked)
    source.gate.clear()
    source.begun.clear()
    await clock.advance(JUST_STALE)
    return asked
