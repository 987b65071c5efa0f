"""Plans the overview: its mask decides which parts are asked for at all."""

from collections.abc import Iterator

from adapters.query import AccountQuestion, EventOrder, EventsQuestion, RankingQuestion, Window
from gateway.federation.asks import Ask, Plan
from gateway.federation.choice import able
from gateway.federation.open_source import OpenSource
from gateway.federation.plan import DEFAULT_LIMIT, Sources, check_metrics, metrics_asks, plan_of, series_asks
from unified.analytics.v1 import outcome_pb2
from unified.analytics.v1.analytics_service_pb2 import GetOverviewRequest
from unified.analytics.v1.outcome_pb2 import Part

UNMASKED = frozenset(
    {
        outcome_pb2.PART_METRICS,
        outcome_pb2.PART_TIME_SERIES,
        outcome_pb2.PART_RANKINGS,
        outcome_pb2.PART_ACCOUNTS,
    }
)
"""The parts of an overview without a mask; of the rankings, only those that a source offers for it."""

_WITH_METRICS = frozenset({outcome_pb2.PART_METRICS, outcome_pb2.PART_TIME_SERIES})


def plan_overview(sources: Sources, request: GetOverviewRequest, window: Window, mask: frozenset[Part]) -> Plan:
    """Every source that can give one of the parts in the mask is asked for these parts; an empty mask is `UNMASKED`."""
    parts = mask or UNMASKED
    chosen = able(sources, request, can=lambda source: not parts.isdisjoint(source.parts))
    if parts.isdisjoint(_WITH_METRICS):
        check_metrics(request.metrics, told=(_told(source, _WITH_METRICS) for source in sources.values()))
    else:
        check_metrics(request.metrics, told=(_told(source, parts) for source in chosen))
    asks = [ask for source in chosen for ask in _asks(source, request, window, mask) if ask.part in parts]
    return plan_of(sources, request, asks)


def _told(source: OpenSource, parts: frozenset[Part]) -> frozenset[str]:
    """Ids of the metrics that the source tells within the parts."""
    metrics = source.metrics if outcome_pb2.PART_METRICS in parts else frozenset()
    return metrics | (source.series_metrics if outcome_pb2.PART_TIME_SERIES in parts else frozenset())


def _asks(source: OpenSource, request: GetOverviewRequest, window: Window, mask: frozenset[Part]) -> Iterator[Ask]:
    """The questions for all parts that the source can give."""
    limit = request.limit or DEFAULT_LIMIT
    yield from metrics_asks(source, request.metrics, window)
    yield from series_asks(source, request, window)
    for ranking in sorted(source.rankings if mask else source.overview_rankings):
        yield Ask(source=source, question=RankingQuestion(ranking=ranking, window=window, limit=limit))
    if outcome_pb2.PART_ACCOUNTS in source.parts:
        yield Ask(source=source, question=AccountQuestion())
    if outcome_pb2.PART_EVENTS in source.parts:
        newest = EventsQuestion(window=window, order=EventOrder.NEWEST_FIRST, size=limit)
        yield Ask(source=source, question=newest)
