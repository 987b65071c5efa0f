"""Plans a walk over events, page by page or as a stream, from its beginning or from a token on."""

from dataclasses import dataclass, replace
from datetime import datetime

from adapters.query import EventOrder, EventsQuestion
from gateway.federation.asks import Ask, Plan
from gateway.federation.open_source import OpenSource
from gateway.federation.plan import Sources, filter_of, plan_of, with_events
from gateway.federation.tokens import MOST_SOURCES, EventsQuery, Positions, Walk, read_token
from gateway.federation.window import end_of_today, window_of
from gateway.pipeline.errors import FieldViolation, InvalidRequestError
from unified.analytics.v1 import event_pb2
from unified.analytics.v1.analytics_service_pb2 import ListEventsRequest, StreamEventsRequest

DEFAULT_PAGE_SIZE = 100
"""Events on a page, where the request names no size."""

STREAM_PAGE_SIZE = 1000
"""Events that a stream asks for at once, which is the most that one batch holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsPlan:
    """What is asked, and from where on."""

    query: EventsQuery
    positions: Positions
    """Where each source that is not finished goes on."""
    size: int
    """The most events wanted at once."""
    plan: Plan


def plan_events(sources: Sources, request: ListEventsRequest | StreamEventsRequest, now: datetime) -> EventsPlan:
    """Every source that has events, and has not been read to its end, is asked. All of them must answer.

    Where the request leaves the end of its window open, the token has kept it.

    Raises:
        InvalidTokenError: the token is damaged, or of another version.
        TokenMismatchError: the token belongs to another query.
        InvalidRequestError: the request names what is not there, or more than `MOST_SOURCES` sources would be asked.
    """
    walk, text, order, size = _terms(request)
    token = read_token(text, walk) if text else None
    chosen = _few_enough(with_events(sources, request))
    query = EventsQuery(
        walk=walk,
        window=window_of(request, token.end if token else end_of_today(now)),
        filter=filter_of(request),
        order=order,
        sources=tuple(source.id for source in chosen),
    )
    positions = token.positions(query) if token else dict.fromkeys(query.sources)
    asks = [Ask(source=source, question=_question(query, size, positions.get(source.id))) for source in chosen]
    # What is required is judged by all that are chosen: a source that is finished has answered.
    plan = plan_of(sources, request, asks)
    unfinished = tuple(ask for ask in plan.asks if ask.source.id in positions)
    plan = replace(plan, asks=unfinished, whole=True, token_field=walk.value if token else "")
    return EventsPlan(query=query, positions=positions, size=size, plan=plan)


def _terms(request: ListEventsRequest | StreamEventsRequest) -> tuple[Walk, str, EventOrder, int]:
    """The kind of walk, its token, the order of the events, and how many are wanted at once."""
    if isinstance(request, StreamEventsRequest):
        return Walk.STREAM, request.resume_token, EventOrder.OLDEST_FIRST, STREAM_PAGE_SIZE
    order = EventOrder(request.order or event_pb2.EVENT_ORDER_NEWEST_FIRST)
    return Walk.PAGES, request.page_token, order, request.page_size or DEFAULT_PAGE_SIZE


def _question(query: EventsQuery, size: int, position: str | None) -> EventsQuestion:
    return EventsQuestion(window=query.window, filter=query.filter, order=query.order, size=size, position=position)


def _few_enough(chosen: list[OpenSource]) -> list[OpenSource]:
    if len(chosen) > MOST_SOURCES:
        message = f"the events of at most {MOST_SOURCES} sources can be read at once, not of {len(chosen)}; name fewer"
        raise InvalidRequestError(FieldViolation(field="sources", description=message))
    return chosen
