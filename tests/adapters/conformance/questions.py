"""Every question that a source can be asked, as its ports and ids say."""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import timedelta
from functools import partial

from google.protobuf.message import Message

from adapters.inquiry import Inquiry
from adapters.ports import AccountsSource, EventsSource, MetricsSource, RankingsSource, SeriesSource, Source
from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventOrder,
    EventsQuestion,
    MetricsQuestion,
    Period,
    RankingQuestion,
    SeriesQuestion,
    Window,
)
from tests.clock import START

WINDOW = Window(start=START.replace(hour=0) - timedelta(days=8), end=START.replace(hour=0) + timedelta(days=1))
"""From a Tuesday to the end of today, so that its first week is cut, and the second one is not over."""

LIMIT = 3

Ask = Callable[[Inquiry], Awaitable[Sequence[Message]]]


def questions(source: Source, limit: int = LIMIT) -> dict[str, Ask]:
    """What can be asked of this source, by a name for each. A ranking has at most `limit` entries."""
    asks: dict[str, Ask] = {"check": partial(_check, source)}
    if isinstance(source, MetricsSource):
        asks["metrics"] = partial(_metrics, source)
    if isinstance(source, SeriesSource):
        asks |= {f"series by {period.name.lower()}": partial(_series, source, period) for period in Period}
    if isinstance(source, RankingsSource):
        asks |= {f"ranking {ranking}": partial(_ranking, source, ranking, limit) for ranking in sorted(source.rankings)}
    if isinstance(source, AccountsSource):
        asks["account"] = partial(_account, source)
    if isinstance(source, EventsSource):
        asks |= {f"events {order.name.lower()}": partial(_events, source, order) for order in EventOrder}
        asks |= {"walk": partial(_walk, source), "count": partial(_count, source)}
    return asks


async def _check(source: Source, inquiry: Inquiry) -> Sequence[Message]:
    await source.check(inquiry)
    return []


async def _metrics(source: MetricsSource, inquiry: Inquiry) -> Sequence[Message]:
    wanted = frozenset(descriptor.metric for descriptor in source.metric_descriptors)
    return await source.metrics(MetricsQuestion(window=WINDOW, metrics=wanted), inquiry)


async def _series(source: SeriesSource, period: Period, inquiry: Inquiry) -> Sequence[Message]:
    return await source.series(SeriesQuestion(window=WINDOW, metrics=source.series_metrics, period=period), inquiry)


async def _ranking(source: RankingsSource, ranking: str, limit: int, inquiry: Inquiry) -> Sequence[Message]:
    return [await source.ranking(RankingQuestion(ranking=ranking, window=WINDOW, limit=limit), inquiry)]


async def _account(source: AccountsSource, inquiry: Inquiry) -> Sequence[Message]:
    return [await source.account(AccountQuestion(), inquiry)]


async def _events(source: EventsSource, order: EventOrder, inquiry: Inquiry) -> Sequence[Message]:
    page = await source.events(EventsQuestion(window=WINDOW, order=order, size=LIMIT), inquiry)
    return [*page.events, page.window]


async def _walk(source: EventsSource, inquiry: Inquiry) -> Sequence[Message]:
    async with aclosing(source.walk(EventsQuestion(window=WINDOW), inquiry)) as pages:
        return [event async for page in pages for event in page.events]


async def _count(source: EventsSource, inquiry: Inquiry) -> Sequence[Message]:
    return [await source.count(CountQuestion(window=WINDOW), inquiry)]
