"""A simulated portal, the source that asks it, and answers to play."""

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from adapters.drift import DriftKind
from adapters.errors import SourceError
from adapters.fluidtopics.source import FluidTopicsSource
from adapters.inquiry import Inquiry
from adapters.query import CountQuestion, EventFilter, EventOrder, EventsQuestion, Window
from adapters.simulation import Control
from tests.clock import START, VirtualClock
from tests.running import inquire
from unified.analytics.v1.event_pb2 import Event

TODAY = START.replace(hour=0)
WEEK = Window(start=TODAY - timedelta(days=6), end=TODAY + timedelta(days=1))
"""The last seven days, today included: some hundred events."""


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def between(start: str, end: str) -> Window:
    """A window of two moments."""
    return Window(start=at(start), end=at(end))


@dataclass(slots=True, kw_only=True)
class Portal:
    """A source, and a hand on what it asks."""

    source: FluidTopicsSource
    control: Control
    inquiry: Inquiry

    async def page(
        self,
        window: Window = WEEK,
        *,
        order: EventOrder = EventOrder.OLDEST_FIRST,
        size: int = 100,
        position: str | None = None,
        **wanted: tuple[str, ...],
    ) -> Sequence[Event]:
        """One page of events."""
        question = EventsQuestion(
            window=window, filter=EventFilter(**wanted), order=order, size=size, position=position
        )
        return (await self.source.events(question, self.inquiry)).events

    async def walk(self, window: Window = WEEK, **wanted: tuple[str, ...]) -> list[Event]:
        """All events."""
        question = EventsQuestion(window=window, filter=EventFilter(**wanted))
        async with aclosing(self.source.walk(question, self.inquiry)) as pages:
            return [event async for page in pages for event in page.events]

    async def count(self, window: Window = WEEK, **wanted: tuple[str, ...]) -> int | None:
        """How many events there are."""
        told = await self.source.count(CountQuestion(window=window, filter=EventFilter(**wanted)), self.inquiry)
        return told.count if told.HasField("count") else None

    def plays(self, *events: Mapping[str, object], **paging: object) -> None:
        """Answer every question with these events."""
        body = {
            "startDate": "2026-03-12T00:00:00",
            "endDate": "2026-03-19T00:00:00",
            "paging": {"page": 1, "perPage": 100, "lastPage": True} | paging,
            "results": [
                {"id": "e1", "name": "khub.search", "datetime": 1773800000123} | dict(event) for event in events
            ],
        }
        self.answers(json.dumps(body))

    def answers(self, body: str) -> None:
        """Answer every question with this body."""
        self.control.rewrite = lambda _: body.encode()

    def asked(self, back: int = 1) -> dict[str, Any]:
        """The body of the last request, or of one before it."""
        body: dict[str, Any] = json.loads(self.control.requests[-back].body)
        return body

    def paths(self) -> list[str]:
        """What was asked for, by the last part of the path."""
        return [request.path.rpartition("/")[2] for request in self.control.requests]

    def drift(self) -> list[tuple[str, DriftKind, int]]:
        """Departures noted."""
        return list(self.inquiry.drift)

    def missing(self) -> dict[str, type[SourceError]]:
        """What answers said they lack, and the kind of reason."""
        return {what: type(why) for what, why in self.inquiry.missing.items()}


def portal(source: object, control: Control) -> Portal:
    """A source of this kind, with a fresh inquiry."""
    assert isinstance(source, FluidTopicsSource)
    return Portal(source=source, control=control, inquiry=inquire("fluidtopics"))


def slow_portal(source: object, control: Control, clock: VirtualClock, *, answers: float) -> Portal:
    """Each answer takes a second, of which there are so many."""
    assert isinstance(source, FluidTopicsSource)

    def take_a_second(body: bytes) -> bytes:
        clock.pass_by(1)
        return body

    control.rewrite = take_a_second
    return Portal(source=source, control=control, inquiry=inquire("fluidtopics", clock, seconds=answers))
