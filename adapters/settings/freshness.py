"""The table `cache` of a source: for how long what it said is used again. Durations in seconds."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

_A_DAY = 86_400.0
_A_YEAR = 366 * _A_DAY

Span = Annotated[float, Field(ge=0, le=_A_YEAR)]
"""Seconds; 0 is never."""


class FreshnessSettings(BaseModel):
    """How long an observation is fresh, by what it is about, and what it is good for afterwards."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    totals: Span = 300.0
    """Numbers as of now. Totals of a whole installation hardly move in five minutes, and calls may be metered."""
    accounts: Span = 900.0
    """Licence, preferences and toggles: SuperOffice's best practices ask to keep such data, and nobody waits for it."""
    open_window: Span = 30.0
    """Counts, series and rankings of a window that may still grow: twice a minute is what a dashboard shows anyway."""
    closed_window: Span = _A_DAY
    """The same of a window that is over: it does not change any more, but for what an upstream deletes or corrects."""
    settling: Span = 21_600.0
    """A window is over only so long after its end: events arrive late, and no upstream says by how much."""
    events: Span = 5.0
    """Pages of single events, of whatever window: for equal calls at nearly the same time. They are large and personal,
    and who reads on asks for other pages."""
    revalidate: Span = 30.0
    """After an observation has ceased to be fresh, it is used so much longer while a new one is fetched. Whoever comes
    often never waits; whoever comes seldom gets nothing that is much older than it should be."""
    keep: Span = 3600.0
    """So long after that, it still stands in where a caller allows it, for an upstream that is down or not to be asked.
    An hour outlives most outages."""
    longest_shared: Annotated[float, Field(gt=0, le=3600)] = 60.0
    """A question that several callers share is given up after so long, however much time those have who joined it: as
    long as a call may last by default. Who is alone with it has all of its own time."""
