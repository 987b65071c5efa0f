"""Events as a stream of batches."""

from collections.abc import Awaitable, Callable
from contextlib import aclosing

import pytest

from adapters.errors import UnreachableError
from adapters.inquiry import Inquiry
from gateway.pipeline.call import Call
from gateway.pipeline.errors import (
    CallError,
    InvalidTokenError,
    RequiredSourceFailedError,
    SourcesFailedError,
    SourcesTimedOutError,
    TokenMismatchError,
)
from gateway.services import AnalyticsService
from tests.clock import START, VirtualClock, settle
from tests.fakes import FakeEvents, a_call, federation, states
from unified.analytics.v1.analytics_service_pb2 import ListEventsRequest, StreamEventsRequest, StreamEventsResponse
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED


async def read(
    service: AnalyticsService, request: StreamEventsRequest | None = None, call: Call | None = None
) -> list[StreamEventsResponse]:
    async with aclosing(service.stream_events(request or StreamEventsRequest(), call or a_call())) as items:
        return [item async for item in items]


async def read_all_one_can(
    service: AnalyticsService, call: Call, pause: Callable[[], Awaitable[None]] = settle
) -> tuple[list[StreamEventsResponse], CallError | None]:
    """What came before the stream failed, read with a pause behind each item, and the failure."""
    found: list[StreamEventsResponse] = []
    try:
        async with aclosing(service.stream_events(StreamEventsRequest(), call)) as items:
            async for item in items:
                found.append(item)
                await pause()
    except CallError as failure:
        return found, failure
    return found, None


def ids(items: list[StreamEventsResponse]) -> list[str]:
    return [event.id for item in items for event in item.batch.events]


async def test_all_events_come_oldest_first_and_then_the_end() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 2500)))

    *batches, last = await read(service)

    assert ids(batches) == [f"docs-{n}" for n in range(2500)]
    assert [len(item.batch.events) for item in batches] == [1000, 1000, 500]
    assert last.WhichOneof("item") == "end"
    assert last.end.event_count == 2500
    assert [(window.source, window.total_size) for window in last.end.windows] == [("docs", 2500)]
    assert states(last.end.outcomes) == {"docs": "ANSWERED"}


async def test_batches_are_of_one_source_each_and_all_sources_come() -> None:
    service = AnalyticsService(federation(FakeEvents("help", 30, pages_of=10), FakeEvents("docs", 20, pages_of=10)))

    *batches, last = await read(service)

    assert all(len({event.source for event in item.batch.events}) == 1 for item in batches)
    assert [name for name in ids(batches) if name.startswith("docs")] == [f"docs-{n}" for n in range(20)]
    assert [name for name in ids(batches) if name.startswith("help")] == [f"help-{n}" for n in range(30)]
    assert last.end.event_count == 50
    assert [outcome.source for outcome in last.end.outcomes] == ["docs", "help"]


async def test_a_stream_without_events_is_only_its_end() -> None:
    (last,) = await read(AnalyticsService(federation(FakeEvents("docs", 0))))

    assert last.end.event_count == 0
    assert states(last.end.outcomes) == {"docs": "ANSWERED"}


@pytest.mark.parametrize("cut", range(11))
async def test_a_stream_cut_anywhere_goes_on_behind_its_last_batch(cut: int) -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 25, pages_of=5), FakeEvents("help", 13, pages_of=3)))
    whole = await read(service)

    before = whole[:cut]
    token = before[-1].batch.resume_token if before else ""
    after = await read(service, StreamEventsRequest(resume_token=token))

    assert sorted(ids(before) + ids(after)) == sorted(ids(whole))
    assert after[-1].end.event_count == len(ids(after))


async def test_a_heavy_page_is_cut_into_batches_with_a_good_token_each() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 200, weight=10_000)))
    whole = await read(service)

    after = await read(service, StreamEventsRequest(resume_token=whole[1].batch.resume_token))

    assert all(item.ByteSize() < 2**20 for item in whole)
    assert len(whole) > 4
    assert ids(whole[:2]) + ids(after) == ids(whole)


async def test_a_finished_token_ends_at_once_and_asks_nobody() -> None:
    docs = FakeEvents("docs", 5)
    service = AnalyticsService(federation(docs))
    *_, last = await read(service)

    (again,) = await read(service, StreamEventsRequest(resume_token=last.end.resume_token))

    assert again.end.event_count == 0
    assert again.end.resume_token == last.end.resume_token
    assert len(docs.walks) == 1


async def test_the_token_of_the_last_batch_is_a_finished_one() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 5)))
    batch, _ = await read(service)

    (again,) = await read(service, StreamEventsRequest(resume_token=batch.batch.resume_token))

    assert again.HasField("end")


async def test_a_source_whose_end_is_noticed_late_is_not_asked_again() -> None:
    """Not every upstream says which page is its last."""
    vague, docs = FakeEvents("vague", 5, pages_of=5, knows_its_end=False), FakeEvents("docs", 50, pages_of=5)
    service = AnalyticsService(federation(vague, docs))
    *batches, last = await read(service)

    await read(service, StreamEventsRequest(resume_token=batches[-2].batch.resume_token))
    await read(service, StreamEventsRequest(resume_token=last.end.resume_token))

    assert (len(vague.walks), len(docs.walks)) == (1, 2)


async def test_a_source_that_leaves_something_out_fails_the_stream() -> None:
    """What is streamed is whole."""

    class Forgetful(FakeEvents):
        async def ready(self, inquiry: Inquiry, question: object = None) -> None:
            await super().ready(inquiry, question)
            inquiry.miss("login", UnreachableError("No connection."))

    service = AnalyticsService(federation(Forgetful("docs", 5), FakeEvents("help", 5)))

    found, failure = await read_all_one_can(service, call := a_call())

    assert isinstance(failure, SourcesFailedError)
    assert states(call.outcomes)["docs"] == "PARTIAL"
    assert not any(item.HasField("end") for item in found)


async def test_a_source_that_fails_fails_the_stream_behind_what_was_delivered() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 30, pages_of=10, fails_after=2)))
    call = a_call()

    found, failure = await read_all_one_can(service, call)

    assert isinstance(failure, SourcesFailedError)
    assert ids(found) == [f"docs-{n}" for n in range(20)]
    assert states(failure.outcomes) == states(call.outcomes) == {"docs": "FAILED"}
    assert call.outcomes[0].attempts == 3


async def test_one_source_that_fails_fails_the_stream_of_all_and_stops_the_others() -> None:
    good, bad = FakeEvents("good", 50, pages_of=10), FakeEvents("bad", 50, pages_of=10, fails_after=1)

    with pytest.raises(SourcesFailedError):
        await read(AnalyticsService(federation(good, bad)))

    assert good.walks[0].closed


async def test_a_source_that_fails_while_another_still_answers_is_a_required_one() -> None:
    """It is not said that nobody answered, whichever of the two is the first to end."""
    good, bad = FakeEvents("good", 50, pages_of=5), FakeEvents("bad", 50, pages_of=5, fails_after=1)

    with pytest.raises(RequiredSourceFailedError, match="bad"):
        await read(AnalyticsService(federation(good, bad)))


async def test_a_source_that_fails_behind_another_that_is_finished_is_a_required_one() -> None:
    good, bad = FakeEvents("good", 1), FakeEvents("bad", 50, pages_of=5, fails_after=4)

    with pytest.raises(RequiredSourceFailedError, match="bad"):
        await read(AnalyticsService(federation(good, bad)))


async def test_a_stream_whose_time_is_over_fails_and_can_be_resumed() -> None:
    clock = VirtualClock()
    service = AnalyticsService(federation(FakeEvents("docs", 30, pages_of=10), clock=clock))

    found, failure = await read_all_one_can(service, a_call(clock, seconds=60), pause=lambda: clock.advance(60))
    rest = await read(service, StreamEventsRequest(resume_token=found[-1].batch.resume_token), a_call(clock))

    assert isinstance(failure, SourcesTimedOutError)
    assert ids(found) + ids(rest) == [f"docs-{n}" for n in range(30)]


async def test_cached_streams_nothing_and_says_why() -> None:
    docs, call = FakeEvents("docs", 5), a_call()

    with pytest.raises(SourcesFailedError):
        await read(AnalyticsService(federation(docs)), StreamEventsRequest(freshness=FRESHNESS_CACHED), call)

    assert not docs.walks
    assert "CACHE_MISS" in str(call.outcomes[0].status)


async def test_tokens_of_pages_do_not_resume_streams() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 5)))
    page = await service.list_events(ListEventsRequest(page_size=2), a_call())

    with pytest.raises(TokenMismatchError, match="resume_token"):
        await read(service, StreamEventsRequest(resume_token=page.next_page_token))


async def test_a_changed_query_does_not_resume_a_stream() -> None:
    service = AnalyticsService(federation(FakeEvents("docs", 5)))
    first, *_ = await read(service)

    with pytest.raises(TokenMismatchError):
        await read(service, StreamEventsRequest(resume_token=first.batch.resume_token, end_time=START))


async def test_a_position_that_its_source_does_not_know_is_the_tokens_fault() -> None:
    docs = FakeEvents("docs", 20, pages_of=5)
    service = AnalyticsService(federation(docs))
    first, *_ = await read(service)
    docs.forget_positions()

    with pytest.raises(InvalidTokenError, match="resume_token: holds a position"):
        await read(service, StreamEventsRequest(resume_token=first.batch.resume_token))
