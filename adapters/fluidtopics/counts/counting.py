"""Counts events by name over windows of any shape, for the least number of requests."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from adapters.errors import (
    AnswerIncompleteError,
    InvalidResponseError,
    QuestionNotSupportedError,
    UpstreamTimeoutError,
)
from adapters.fluidtopics import dates
from adapters.fluidtopics.client import Client
from adapters.fluidtopics.counts.reading import WINDOWS_KEPT
from adapters.fluidtopics.counts.tally import Tally, merged
from adapters.fluidtopics.events.scan import Scan
from adapters.inquiry import Inquiry
from adapters.query import EventFilter, Period, Window

_LONGEST_FIRST = (Period.MONTH, Period.WEEK, Period.DAY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counting:
    """Asks `event-counts`, which counts whole days, and counts the rest itself.

    Whole days, weeks and months are asked as such. Weeks and months that the window cuts are asked day by day. Of a
    day that the window cuts the events are read and counted, as far as `scan` reads. A window that ends now or later
    does not cut its last day.
    """

    client: Client
    scan: Scan

    async def tally(
        self, window: Window, inquiry: Inquiry, *, period: Period | None = None, names: tuple[str, ...] = ()
    ) -> Tally:
        """How many events of each name there are, in spans that lie within one `period` each; None: in any spans.

        Raises:
            QuestionNotSupportedError: a day that the window cuts has too many events to read.
            InvalidResponseError: nothing of what was told could be read.
        """
        days = dates.split_days(window, inquiry.clock.now())
        asked = [self._read(part, names, inquiry) for part in days.parts]
        if days.whole is not None:
            asked.append(self._ask(days.whole, period, names, inquiry))
        tally = await asked[0] if len(asked) == 1 else merged(await _all(asked))
        if tally.is_unreadable:
            raise InvalidResponseError("The answer's `results` hold no count of events that could be read.")
        return tally.only(names)

    async def _ask(self, days: Window, period: Period | None, names: tuple[str, ...], inquiry: Inquiry) -> Tally:
        period = _asked_by(days, period)
        tally = await self.client.counts(days, period, names, inquiry)
        if tally is None:
            # Days are the same for everybody.
            tally = await self.client.counts(days, Period.DAY, names, inquiry)
        assert tally is not None  # noqa: S101 - every date that can be read is the start of a day
        return tally

    async def _read(self, part: Window, names: tuple[str, ...], inquiry: Inquiry) -> Tally:
        counts: Counter[str | None] = Counter()
        async with aclosing(self.scan.pages(part, EventFilter(names=names), inquiry)) as pages:
            async for page in pages:
                counts.update(event.name for event in page.events)
                if page.is_hurried:
                    raise UpstreamTimeoutError(
                        "The time of the call was too short to count the events of a part of a day."
                    )
                if page.is_cut_off:
                    raise QuestionNotSupportedError(
                        f"The window cuts the day {part.start.date().isoformat()}, which has too many events to "
                        "count a part of. Let start_time and end_time be midnights in UTC."
                    )
        nameless = counts.pop(None, 0)
        # No whole day has such a key.
        key = part.start.isoformat()
        told = {name: {key: count} for name, count in counts.items() if name is not None}
        return Tally(spans={key: part.start}, counts=told, is_complete=nameless == 0)


def miss_unread(what: str, tally: Tally, inquiry: Inquiry) -> None:
    """Note that an answer made of a tally lacks something, if the tally does. `what` is a metric or a ranking."""
    if not tally.is_complete:
        why = "Part of the counts of events could not be read: names may be left out, and numbers unknown."
        inquiry.miss(what, AnswerIncompleteError(why))


@lru_cache(maxsize=WINDOWS_KEPT)
def _asked_by(days: Window, period: Period | None) -> Period:
    """By which periods whole days can be asked for so that each span lies within one `period`; None: in any spans."""
    choice = _LONGEST_FIRST if period is None else (period, Period.DAY)
    return next(period for period in choice if period.divides(days))


async def _all(questions: list[Coroutine[Any, Any, Tally]]) -> list[Tally]:
    """Ask at once; if one fails the others are given up."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(question) for question in questions]
    except ExceptionGroup as failed:
        raise failed.exceptions[0] from None
    return [task.result() for task in tasks]
