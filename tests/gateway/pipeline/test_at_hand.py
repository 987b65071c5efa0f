"""Answers at hand: given again without being asked for, and recorded as any other."""

import asyncio

import pytest

from gateway.pipeline import Call, Failure, Reply
from gateway.pipeline.errors import NoSourceCanAnswerError
from tests.clock import VirtualClock
from tests.gateway.pipeline.fakes import ANSWER, LIST_METRICS, METHODS, STREAM_EVENTS, Fixture, Keeping, fixture
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED

EMPTY = ListMetricsRequest()


def arrived(under_test: Fixture) -> Call:
    return under_test.pipeline.call(LIST_METRICS, transport="grpc", request_id="id-1")


async def ask(under_test: Fixture, spelling: bytes | str, request: ListMetricsRequest = EMPTY) -> Reply:
    """As a front does."""
    call = arrived(under_test)
    reply = under_test.pipeline.at_hand(LIST_METRICS, spelling, call)
    return reply or await under_test.pipeline.spelled(LIST_METRICS, spelling, lambda: request, call)


async def test_the_same_bytes_are_answered_from_what_is_at_hand() -> None:
    clock = VirtualClock()
    service = Keeping(clock)
    under_test = fixture(clock, list_metrics=service)

    first, second = await ask(under_test, b""), await ask(under_test, b"")

    assert first is second
    assert 1 == service.asked


async def test_both_transports_share_an_answer_to_the_same_request() -> None:
    clock = VirtualClock()
    service = Keeping(clock)
    under_test = fixture(clock, list_metrics=service)

    replies = [await ask(under_test, spelling) for spelling in (b"", "/v1/metrics", b"", "/v1/metrics")]

    assert 1 == service.asked
    assert [replies[0]] * 4 == replies


async def test_another_request_is_asked_for_itself() -> None:
    clock = VirtualClock()
    service = Keeping(clock)
    under_test = fixture(clock, list_metrics=service)

    await ask(under_test, b"")
    await ask(under_test, b"other", ListMetricsRequest(freshness=FRESHNESS_CACHED))

    assert 2 == service.asked


async def test_a_hit_is_recorded_as_any_call_with_its_outcomes_and_its_age() -> None:
    clock = VirtualClock()
    under_test = fixture(clock, list_metrics=Keeping(clock))
    await ask(under_test, b"")
    await clock.advance(7.2)
    await ask(under_test, b"")

    first, second = under_test.logged("call")
    assert {**first, "age_s": 7} == second
    labels = {"method": "ListMetrics", "transport": "grpc"}
    assert 2 == under_test.number("analytics_gateway_calls_total", code="OK", **labels)
    assert 1 == under_test.number("analytics_gateway_repeated_answers_total", **labels)
    assert 2 == under_test.number(
        "analytics_gateway_source_outcomes_total", source="ai", part="metrics", state="answered"
    )


async def test_what_is_not_at_hand_is_not_recorded() -> None:
    under_test = fixture()

    assert under_test.pipeline.at_hand(LIST_METRICS, b"", arrived(under_test)) is None
    assert [] == under_test.capture.entries


async def test_an_answer_that_has_ceased_to_be_fresh_is_asked_for_again() -> None:
    clock = VirtualClock()
    service = Keeping(clock, seconds=60)
    under_test = fixture(clock, list_metrics=service)
    await ask(under_test, b"")
    await clock.advance(59.9)
    await ask(under_test, b"")
    assert 1 == service.asked

    await clock.advance(0.1)
    await ask(under_test, b"")

    assert 2 == service.asked


async def test_an_answer_whose_observation_was_replaced_is_asked_for_again() -> None:
    clock = VirtualClock()
    service = Keeping(clock)
    under_test = fixture(clock, list_metrics=service)
    await ask(under_test, b"")
    service.observed.is_kept = False
    await ask(under_test, b"")

    assert 2 == service.asked


async def test_an_answer_that_each_call_wants_anew_is_never_at_hand() -> None:
    clock = VirtualClock()
    service = Keeping(clock, repeatable=False)
    under_test = fixture(clock, list_metrics=service)

    replies = [await ask(under_test, b"") for _ in range(3)]

    assert 3 == service.asked
    assert [0, 0, 0] == [reply.age(clock.monotonic()) for reply in replies]


async def test_a_failure_is_never_at_hand() -> None:
    asked = []

    async def fail_first(_request: object, call: Call) -> ListMetricsResponse:
        asked.append(call)
        if len(asked) == 1:
            raise NoSourceCanAnswerError("not yet")
        return ANSWER

    under_test = fixture(list_metrics=fail_first)
    with pytest.raises(Failure):
        await ask(under_test, b"")

    assert ANSWER == (await ask(under_test, b"")).message


async def test_calls_at_the_same_time_that_come_to_the_same_send_one_encoding() -> None:
    clock = VirtualClock()
    service = Keeping(clock)
    met = asyncio.Barrier(3)

    async def together(request: object, call: Call) -> ListMetricsResponse:
        await met.wait()
        return await service(request, call)

    under_test = fixture(clock, list_metrics=together)
    replies = await asyncio.gather(*(ask(under_test, b"") for _ in range(3)))

    assert [replies[0]] * 3 == replies


def test_what_is_asked_is_told_apart_by_method() -> None:
    """So that no bytes of one method can be taken for a request of another."""
    assert len({method.path for method in METHODS.values()}) == len(METHODS)
    assert STREAM_EVENTS.path != LIST_METRICS.path
