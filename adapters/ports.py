"""What a source may offer. Each implements only what its upstream really has.

The federation asks only those that can answer. Every method that asks takes an `Inquiry`, which bounds the time and
records what asking took. Every such method raises `SourceError` if the upstream could not be reached, refused, or made
no sense; where several upstream calls serve one question, those that fail are noted in `Inquiry.missing`, and the
method raises only if nothing is left to answer.
"""

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from adapters.inquiry import Inquiry
from adapters.meter import Circuit
from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventsQuestion,
    MetricsQuestion,
    RankingQuestion,
    SeriesQuestion,
)
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.event_pb2 import Event, EventCount
from unified.analytics.v1.metric_pb2 import Metric, MetricDescriptor
from unified.analytics.v1.outcome_pb2 import SourceWindow
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """How a source is connected at present. Holds no secret."""

    address: str
    """Where the upstream is, a URL without user, query and fragment; empty while it is not known."""
    credential_scheme: str
    """How we prove ourselves, as `auth.scheme` calls it."""
    credential_expire_time: datetime | None
    """When the credential ends unless it is renewed or replaced, UTC; None if that is not known, or never."""
    protection: "Protection | None" = None
    """What is done at present to spare the upstream; None where nobody says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Protection:
    """What stands between the questions and an upstream at present."""

    circuit: Circuit
    """`open`: nothing is sent until `probe_time`; `half_open`: one request finds out whether that can end."""
    probe_time: datetime | None
    """When an open circuit lets one request through, UTC; None while it is closed."""
    failure_ratio: float
    """Of the requests within the breaker's window, those that failed: 0 to 1."""
    in_flight: int
    """Questions that are being asked."""
    waiting: int
    """Questions that wait for their turn."""
    rate: float | None
    """Requests per second that are permitted at present; None: as many as there are."""
    is_rate_lowered: bool
    """Whether the upstream made us ask less often than is configured."""


class Source(Protocol):
    """One configured upstream."""

    @property
    def id(self) -> str:
        """The id, as configured."""
        ...

    @property
    def connection(self) -> Connection:
        """How it is connected at present. Asks nobody."""
        ...

    async def check(self, inquiry: Inquiry) -> None:
        """Ask the upstream the cheapest question that proves address, credential and rights."""
        ...


@runtime_checkable
class MetricsSource(Source, Protocol):
    """A source that tells single numbers."""

    @property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        """What its metrics mean; `sources` is left empty."""
        ...

    async def metrics(self, question: MetricsQuestion, inquiry: Inquiry) -> Sequence[Metric]:
        """One row per metric asked for, or per metric and label. A value that the upstream did not tell is absent.

        The rows of one metric come in the order of their labels.
        """
        ...


@runtime_checkable
class SeriesSource(Source, Protocol):
    """A source that can count something period by period."""

    @property
    def series_metrics(self) -> frozenset[str]:
        """Ids of the metrics that it tells period by period."""
        ...

    async def series(self, question: SeriesQuestion, inquiry: Inquiry) -> Sequence[TimeSeries]:
        """One point per period of the window, oldest first, for each metric asked for, or each metric and label.

        A period that the upstream covers and leaves out is 0; one outside its retention has no value. The series of one
        metric come in the order of their labels.
        """
        ...


@runtime_checkable
class RankingsSource(Source, Protocol):
    """A source that ranks users, projects, event names or search terms."""

    @property
    def rankings(self) -> frozenset[str]:
        """Ids of its rankings."""
        ...

    @property
    def overview_rankings(self) -> frozenset[str]:
        """Those cheap enough to be part of an overview that did not ask for rankings."""
        ...

    async def ranking(self, question: RankingQuestion, inquiry: Inquiry) -> Ranking:
        """At most `limit` entries, best first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsPage:
    """Some events in a row."""

    events: Sequence[Event]
    window: SourceWindow
    """The window as the upstream echoed it, and the total if it told."""
    position_after: Callable[[int], str | None]
    """The position behind the first so many of `events`; None if nothing follows. At most 200 characters of ASCII."""


@runtime_checkable
class EventsSource(Source, Protocol):
    """A source that has single events."""

    async def events(self, question: EventsQuestion, inquiry: Inquiry) -> EventsPage:
        """One page, of at most `size` events; empty only if nothing follows.

        Raises:
            InvalidPositionError: the position is not one that the source gave out.
        """
        ...

    def walk(self, question: EventsQuestion, inquiry: Inquiry) -> AsyncGenerator[EventsPage]:
        """All events from the position on, oldest first, each once, page by page.

        Only the first page may be empty: it is there to tell the window.
        Reads ahead by a bounded number of pages while the present one is used. Close it (`aclosing`) to stop it.

        Raises:
            InvalidPositionError: the position is not one that the source gave out.
        """
        ...

    async def count(self, question: CountQuestion, inquiry: Inquiry) -> EventCount:
        """How many events there are; absent if the upstream does not tell."""
        ...


@runtime_checkable
class AccountsSource(Source, Protocol):
    """A source that knows the account behind its credential."""

    async def account(self, question: AccountQuestion, inquiry: Inquiry) -> Account:
        """The account, with the fields that were asked for."""
        ...
