"""An observation that is kept. Times are seconds on `Clock.monotonic()`."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import methodcaller
from sys import getsizeof
from typing import cast

from google.protobuf.message import Message

from adapters.clock import Clock
from adapters.errors import (
    AnswerHurriedError,
    AnswerIncompleteError,
    AnswerTruncatedError,
    BeyondHorizonError,
    QuestionNotSupportedError,
    SourceError,
)
from adapters.ports import EventsPage
from adapters.query import CountQuestion, EventsQuestion, SeriesQuestion
from gateway.federation.asks import Question
from gateway.federation.freshness.policy import fresh_for
from gateway.federation.observation import Item, Observation
from unified.analytics.v1.event_pb2 import Event

_LASTING = (AnswerTruncatedError, AnswerIncompleteError, BeyondHorizonError, QuestionNotSupportedError)
"""Why something is missing that asking again would not bring."""

# Measured, as growth of the process: an event of 430 bytes on the wire takes 1,640 in memory, a metric of 78 1,420,
# and a series of 863 5,770. Rather too much than too little.
_BYTES_IN_MEMORY = 6
_ITEM_BYTES = 800
_DRIFT_BYTES = 450
_ENTRY_BYTES = 2048
_BYTE_SIZE: Callable[[Message], int] = methodcaller("ByteSize")


@dataclass(slots=True, eq=False)
class Mark:
    """Stands for an entry in answers that are given again as a whole: it does not keep the entry alive."""

    is_kept: bool = True
    """Whether the entry is still kept, and no newer one has taken its place."""
    is_used: bool = False
    """Whether it was used since the memory last looked."""


@dataclass(slots=True, kw_only=True, eq=False)
class Entry:
    """An observation, and for how long it is good for what."""

    seen: Observation
    observed: float
    fresh_until: float
    """Until then it is used as it is."""
    revalidate_until: float
    """Until then it is used while a new one is fetched."""
    gone_at: float
    """Until then it is used where a caller allows it."""
    size: int
    """Bytes that it takes in memory, estimated."""
    mark: Mark = field(default_factory=Mark)
    rests_until: float = 0.0
    """Before that no new one is fetched in the background: somebody else fetches it, or, for ever, it failed."""

    def give_up(self) -> None:
        """A new one could not be fetched in the background: whoever comes from now on asks, and is told why."""
        self.rests_until = math.inf


def is_worth_keeping(seen: Observation) -> bool:
    """Whether it would be the same if the upstream were asked again. Failures are not kept: they may pass."""
    return seen.error is None and all(map(_is_lasting, seen.missing.values()))


def _is_lasting(why: SourceError) -> bool:
    return isinstance(why, _LASTING) and not isinstance(why, AnswerHurriedError)


def is_newer(entry: Entry, known: Entry) -> bool:
    """Whether an entry is to take the place of the one that is known.

    One and the same observation is never newer than itself. It would seem so each time it is looked at by a clock that
    runs behind the one by which it was made, and so never grow old.
    """
    return entry.observed > known.observed and entry.seen.observe_time != known.seen.observe_time


def entry_of(seen: Observation, clock: Clock) -> Entry:
    """An entry of an observation, by the policy of its source.

    Its age is that of its time of observation. Clocks of replicas differ: what was observed in time to come was now.
    """
    now, today = clock.monotonic(), clock.now()
    policy = seen.ask.source.freshness
    observe_time = min(seen.observe_time or today, today)
    observed = now - (today - observe_time).total_seconds()
    fresh_until = observed + fresh_for(seen.ask, observe_time)
    return Entry(
        seen=seen,
        observed=observed,
        fresh_until=fresh_until,
        revalidate_until=fresh_until + policy.revalidate,
        gone_at=fresh_until + policy.revalidate + policy.keep,
        size=_ENTRY_BYTES + _DRIFT_BYTES * len(seen.drift) + _size_asked(seen.ask.question) + _size_told(seen.items),
    )


def _size_asked(question: Question) -> int:
    """Bytes of the texts in a question, which callers choose: five hundred of them, and an answer of nothing."""
    match question:
        case EventsQuestion(filter=wanted) | CountQuestion(filter=wanted):
            lists = (wanted.names, wanted.user_ids, wanted.user_realms, wanted.user_groups, wanted.user_roles)
            return sum(map(getsizeof, chain.from_iterable(lists)))
        case SeriesQuestion(event_names=names):
            return sum(map(getsizeof, names))
        case _:
            return 0


def _size_told(items: Sequence[Item | Event]) -> int:
    """Bytes of the messages that an answer consists of. They are all of one kind, unless they are on pages."""
    if items and isinstance(items[0], EventsPage):
        return sum(_size_told(page.events) for page in items if isinstance(page, EventsPage))
    return _ITEM_BYTES * len(items) + _BYTES_IN_MEMORY * sum(map(_BYTE_SIZE, cast("Sequence[Message]", items)))
