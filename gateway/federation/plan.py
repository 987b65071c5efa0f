"""Plans each method: sources x capability x what is wanted. No I/O."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches

from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventFilter,
    MetricsQuestion,
    Period,
    RankingQuestion,
    SeriesQuestion,
    Window,
)
from gateway.federation.asks import Ask, Plan, Question
from gateway.federation.choice import able, required
from gateway.federation.open_source import OpenSource
from gateway.federation.requests import EventsRequest, FederatedRequest
from gateway.pipeline.errors import FieldViolation, InvalidRequestError, RankingNotFoundError
from unified.analytics.v1 import outcome_pb2, time_series_pb2
from unified.analytics.v1.analytics_service_pb2 import (
    CountEventsRequest,
    GetOverviewRequest,
    ListAccountsRequest,
    ListMetricsRequest,
    QueryRankingRequest,
    QueryTimeSeriesRequest,
)

Sources = Mapping[str, OpenSource]

DEFAULT_LIMIT = 10
"""Entries of a ranking, and newest events of an overview, where the request names no limit."""

MOST_HINTS = 5
"""Unknown metrics of one request for which a similar one is looked for: each takes milliseconds."""

RANKINGS = frozenset({"active-users", "active-projects", "event-names", "search-terms"})
"""The rankings of the contract. A source of an installed extension may offer more."""


def plan_metrics(sources: Sources, request: ListMetricsRequest, window: Window) -> Plan:
    """Every source that tells one of the metrics wanted is asked for those that it tells."""
    chosen = able(sources, request, can=lambda source: bool(source.metrics))
    check_metrics(request.metrics, told=(source.metrics for source in chosen))
    asks = [ask for source in chosen for ask in metrics_asks(source, request.metrics, window)]
    return plan_of(sources, request, asks)


def plan_series(sources: Sources, request: QueryTimeSeriesRequest, window: Window) -> Plan:
    """Every source that tells one of the metrics wanted period by period is asked for those that it tells."""
    chosen = able(sources, request, can=lambda source: bool(source.series_metrics))
    check_metrics(request.metrics, told=(source.series_metrics for source in chosen))
    asks = [ask for source in chosen for ask in series_asks(source, request, window, tuple(request.event_names))]
    return plan_of(sources, request, asks)


def plan_ranking(sources: Sources, request: QueryRankingRequest, window: Window) -> Plan:
    """Every source that has the ranking is asked for it.

    Raises:
        RankingNotFoundError: neither the contract nor a configured source knows the ranking.
    """
    known = RANKINGS.union(*(source.rankings for source in sources.values()))
    if request.ranking not in known:
        raise RankingNotFoundError(f'there is no ranking "{request.ranking}"; there are {", ".join(sorted(known))}')
    question = RankingQuestion(
        ranking=request.ranking,
        window=window,
        limit=request.limit or DEFAULT_LIMIT,
    )
    chosen = able(sources, request, can=lambda source: request.ranking in source.rankings)
    return plan_of(sources, request, _each(chosen, question))


def plan_accounts(sources: Sources, request: ListAccountsRequest, paths: frozenset[str]) -> Plan:
    """Every source that has an account is asked for the fields at `paths`; none of these is all of them."""
    chosen = able(sources, request, can=lambda source: outcome_pb2.PART_ACCOUNTS in source.parts)
    return plan_of(sources, request, _each(chosen, AccountQuestion(paths=paths)))


def plan_count(sources: Sources, request: CountEventsRequest, window: Window) -> Plan:
    """Every source that has events is asked how many there are."""
    question = CountQuestion(window=window, filter=filter_of(request))
    return plan_of(sources, request, _each(with_events(sources, request), question))


def plan_of(sources: Sources, request: FederatedRequest, asks: Iterable[Ask]) -> Plan:
    """A plan that asks so, with what the request requires."""
    asks = tuple(asks)
    return Plan(
        asks=asks,
        required=required(sources, request, {ask.source.id for ask in asks}),
        freshness=request.freshness,
        max_age=request.max_age.ToTimedelta() if request.HasField("max_age") else None,
    )


def metrics_asks(source: OpenSource, wanted: Sequence[str], window: Window) -> list[Ask]:
    """At most one question, for those metrics wanted that the source tells; no metric wanted is all of them."""
    ids = source.metrics.intersection(wanted) if wanted else source.metrics
    return [Ask(source=source, question=MetricsQuestion(window=window, metrics=ids))] if ids else []


def series_asks(
    source: OpenSource,
    request: GetOverviewRequest | QueryTimeSeriesRequest,
    window: Window,
    event_names: tuple[str, ...] = (),
) -> list[Ask]:
    """At most one question, for those metrics wanted that the source tells period by period."""
    ids = source.series_metrics.intersection(request.metrics) if request.metrics else source.series_metrics
    if not ids:
        return []
    period = Period(request.period or time_series_pb2.PERIOD_DAY)
    question = SeriesQuestion(window=window, metrics=ids, period=period, event_names=event_names)
    return [Ask(source=source, question=question)]


def with_events(sources: Sources, request: EventsRequest) -> list[OpenSource]:
    """The sources of events that the request is put to; sorted by id."""
    return able(sources, request, can=lambda source: outcome_pb2.PART_EVENTS in source.parts)


def filter_of(request: EventsRequest) -> EventFilter:
    """Which events the request wants."""
    return EventFilter(
        names=tuple(request.event_names),
        user_ids=tuple(request.user_ids),
        user_realms=tuple(request.user_realms),
        user_groups=tuple(request.user_groups),
        user_roles=tuple(request.user_roles),
    )


def check_metrics(wanted: Sequence[str], told: Iterable[frozenset[str]]) -> None:
    """See that each metric wanted is told by a source that could be asked.

    Raises:
        InvalidRequestError: some are not; they are named, the first ones with the most similar one that is.
    """
    known = frozenset[str]().union(*told)
    strange = [(index, metric) for index, metric in enumerate(wanted) if metric not in known]
    hinted = [_untold(index, metric, known) for index, metric in strange[:MOST_HINTS]]
    others = [_untold(index, metric, ()) for index, metric in strange[MOST_HINTS:]]
    if strange:
        raise InvalidRequestError(*hinted, *others)


def _untold(index: int, metric: str, known: Iterable[str]) -> FieldViolation:
    """What is wrong with a metric that nobody tells, with the most similar of the known ones."""
    similar = get_close_matches(metric, sorted(known), n=1)
    advice = f'did you mean "{similar[0]}"?' if similar else "ListMetricDescriptors tells what there is"
    return FieldViolation(
        field=f"metrics[{index}]", description=f'"{metric}" is told by none of the sources asked; {advice}'
    )


def _each(chosen: Iterable[OpenSource], question: Question) -> list[Ask]:
    return [Ask(source=source, question=question) for source in chosen]
