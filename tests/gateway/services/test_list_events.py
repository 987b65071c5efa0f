"""Events page by page."""

from datetime import timedelta

import pytest

from gateway.federation.tokens import MOST_SOURCES
from gateway.pipeline.errors import (
    InvalidRequestError,
    InvalidTokenError,
    RequiredSourceFailedError,
    SourcesFailedError,
    TokenMismatchError,
)
from gateway.services import AnalyticsService
from tests.clock import START, VirtualClock
from tests.fakes import DeadEvents, FakeEvents, a_call, federation
from unified.analytics.v1.analytics_service_pb2 import ListEventsRequest, ListEventsResponse
from unified.analytics.v1.event_pb2 import EVENT_ORDER_OLDEST_FIRST
from unified.analytics.v1.outcome_pb2 import SourceOutcome


async def pages(service: AnalyticsService, request: ListEventsRequest) -> list[ListEventsResponse]:
    found = [await service.list_events(request, a_call())]
    while found[-1].next_page_token:
        request.page_token = found[-1].next_page_token
        found.append(await service.list_events(request, a_call()))
    return found


def ids(found: list[ListEventsResponse]) -> list[str]:
    return [event.id for page in found for event in page.events]


async def test_the_newest_hundred_come_first_unless_the_request_says_otherwise() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 250)))

    newest = await service.list_events(ListEventsRequest(), a_call())
    oldest = await service.list_events(ListEventsRequest(order=EVENT_ORDER_OLDEST_FIRST, page_size=2), a_call())

    assert [event.id for event in newest.events] == [f"docs-{n}" for n in range(249, 149, -1)]
    assert [event.id for event in oldest.events] == ["docs-0", "docs-1"]


async def test_page_by_page_all_events_of_all_sources_come_once_in_order() -> None:
    docs = FakeEvents("docs", 25, step=timedelta(seconds=2), pages_of=4)
    service = AnalyticsService(federation(docs, FakeEvents("help", 11, step=timedelta(seconds=3))))

    found = await pages(service, ListEventsRequest(page_size=7))

    times = [event.event_time.ToNanoseconds() for page in found for event in page.events]
    assert times == sorted(times, reverse=True)
    assert len(set(ids(found))) == len(ids(found)) == 36
    assert found[-1].next_page_token == ""


async def test_a_page_says_what_each_source_said_of_its_window() -> None:
    service = AnalyticsService(federation(FakeEvents("help", 3), FakeEvents("docs", 5)))

    answer = await service.list_events(ListEventsRequest(), a_call())

    assert [(window.source, window.total_size) for window in answer.windows] == [("docs", 5), ("help", 3)]
    assert [outcome.state for outcome in answer.outcomes] == [SourceOutcome.STATE_ANSWERED] * 2


async def test_a_source_read_to_its_end_is_not_asked_again_even_if_it_is_required() -> None:
    docs, help_ = FakeEvents("docs", 5), FakeEvents("help", 1, step=timedelta(0))
    service = AnalyticsService(federation(docs, help_))

    found = await pages(service, ListEventsRequest(page_size=2, required_sources=["help"]))

    assert len(ids(found)) == 6
    assert (len(docs.asked), len(help_.asked)) == (3, 1)


async def test_page_size_may_change_from_page_to_page() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 10)))
    first = await service.list_events(ListEventsRequest(page_size=3), a_call())

    rest = await service.list_events(ListEventsRequest(page_size=100, page_token=first.next_page_token), a_call())

    assert len(rest.events) == 7


async def test_a_default_end_of_the_window_stays_though_midnight_passes() -> None:
    clock = VirtualClock()
    docs = FakeEvents("docs", 10)
    service = AnalyticsService(federation(docs, clock=clock))
    first = await service.list_events(ListEventsRequest(page_size=3), a_call(clock))

    await clock.advance(24 * 3600)
    second = await service.list_events(ListEventsRequest(page_size=3, page_token=first.next_page_token), a_call(clock))

    assert [event.id for event in second.events] == ["docs-6", "docs-5", "docs-4"]
    assert second.windows == first.windows


@pytest.mark.parametrize(
    "changed",
    [
        ListEventsRequest(event_names=["login"]),
        ListEventsRequest(user_ids=["u1"]),
        ListEventsRequest(order=EVENT_ORDER_OLDEST_FIRST),
        ListEventsRequest(end_time=START),
        ListEventsRequest(start_time=START),
        ListEventsRequest(sources=["docs"]),
    ],
    ids=str,
)
async def test_a_token_serves_only_its_own_query(changed: ListEventsRequest) -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 10), FakeEvents("help", 1)))
    first = await service.list_events(ListEventsRequest(page_size=3), a_call())
    changed.page_token = first.next_page_token

    with pytest.raises(TokenMismatchError, match="page_token"):
        await service.list_events(changed, a_call())


async def test_a_token_may_name_the_sources_that_it_meant_anyway() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 10)))
    first = await service.list_events(ListEventsRequest(page_size=3), a_call())

    second = ListEventsRequest(page_size=3, page_token=first.next_page_token, sources=["docs"])

    assert len((await service.list_events(second, a_call())).events) == 3


async def test_a_damaged_token_is_refused() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 10)))

    with pytest.raises(InvalidTokenError, match="page_token: is damaged"):
        await service.list_events(ListEventsRequest(page_token="nonsense"), a_call())


async def test_a_position_that_its_source_does_not_know_is_the_tokens_fault() -> None:
    """A source may forget positions, as when its configuration changes between two pages."""
    docs = FakeEvents("docs", 10)
    service = AnalyticsService(federation(docs))
    first = await service.list_events(ListEventsRequest(page_size=3), a_call())
    docs.forget_positions()
    call = a_call()

    with pytest.raises(InvalidTokenError, match="page_token: holds a position"):
        await service.list_events(ListEventsRequest(page_size=3, page_token=first.next_page_token), call)

    assert call.outcomes == [], "what is no failure of a source must not be counted as one"


async def test_a_page_is_whole_or_fails_and_its_token_is_still_good() -> None:
    docs, help_ = FakeEvents("docs", 10), DeadEvents("help", 10)
    help_.answers = 1
    service = AnalyticsService(federation(docs, help_))
    first = await service.list_events(ListEventsRequest(page_size=4), a_call())
    again = ListEventsRequest(page_size=4, page_token=first.next_page_token)

    with pytest.raises(RequiredSourceFailedError):
        await service.list_events(again, a_call())
    help_.answers = 1
    second = await service.list_events(again, a_call())

    assert [event.id for event in second.events] == ["docs-7", "help-7", "docs-6", "help-6"]


async def test_with_its_only_source_dead_the_call_fails() -> None:
    with pytest.raises(SourcesFailedError):
        await AnalyticsService(federation(DeadEvents("docs", 1))).list_events(ListEventsRequest(), a_call())


async def test_more_sources_than_a_token_can_hold_are_refused_before_they_are_asked() -> None:
    sources = [FakeEvents(f"s{n}", 1) for n in range(MOST_SOURCES + 1)]

    with pytest.raises(InvalidRequestError, match="sources: the events of at most 14 sources"):
        await AnalyticsService(federation(*sources)).list_events(ListEventsRequest(), a_call())

    assert not any(source.asked for source in sources)


async def test_a_page_of_heavy_events_stays_below_a_mebibyte() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 300, weight=10_000)))

    found = await pages(service, ListEventsRequest(page_size=1000))

    assert [page.ByteSize() < 2**20 for page in found] == [True] * len(found)
    assert len(ids(found)) == 300
