"""Both fronts tell how old an answer is, most of all where it is no longer fresh."""

from collections.abc import Awaitable, Callable

import pytest
from google.protobuf.duration_pb2 import Duration

from adapters.errors import UnreachableError
from gateway.pipeline import Call
from gateway.services import AnalyticsService
from tests.clock import VirtualClock, settle
from tests.fakes import DeadSource
from tests.gateway.federation.freshness.asking import FRESH_FOR, JUST_STALE, LONG_STALE, Numbers, federated
from tests.gateway.pipeline.fakes import fixture
from tests.gateway.rest.serving import serving
from tests.gateway.rpc.calling import unary
from tests.gateway.rpc.serving import served
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED, FRESHNESS_STALE_IF_ERROR

METRICS = "/v1/metrics"
DOWN = UnreachableError("No connection.")

ListMetrics = Callable[[ListMetricsRequest, Call], Awaitable[ListMetricsResponse]]


def telling(clock: VirtualClock, *sources: Numbers | DeadSource) -> ListMetrics:
    """The service by which the sources tell their numbers."""
    return AnalyticsService(federated(*sources, clock=clock)).list_metrics


@pytest.mark.parametrize(
    ("at", "query"),
    [
        pytest.param(JUST_STALE, "", id="revalidated"),
        pytest.param(LONG_STALE, "?freshness=STALE_IF_ERROR", id="standing-in"),
        pytest.param(LONG_STALE, "?maxAge=3600s", id="young-enough"),
        pytest.param(LONG_STALE, "?freshness=CACHED", id="not-to-be-asked"),
    ],
)
async def test_rest_tells_the_age_of_a_stale_answer_which_may_be_kept_but_is_asked_about(at: int, query: str) -> None:
    clock, source = VirtualClock(), Numbers()
    async with serving(clock=clock, list_metrics=telling(clock, source)) as front:
        await front.get(METRICS)
        source.error = DOWN
        await clock.advance(at)
        stale = await front.get(METRICS + query)

    assert (200, 1) == (stale.status, stale.json["metrics"][0]["value"])
    assert (str(at), "private, no-cache") == (stale.headers["Age"], stale.headers["Cache-Control"])


@pytest.mark.parametrize(
    ("at", "request_"),
    [
        pytest.param(JUST_STALE, ListMetricsRequest(), id="revalidated"),
        pytest.param(LONG_STALE, ListMetricsRequest(freshness=FRESHNESS_STALE_IF_ERROR), id="standing-in"),
        pytest.param(LONG_STALE, ListMetricsRequest(max_age=Duration(seconds=3600)), id="young-enough"),
        pytest.param(LONG_STALE, ListMetricsRequest(freshness=FRESHNESS_CACHED), id="not-to-be-asked"),
    ],
)
async def test_grpc_tells_the_age_of_a_stale_answer(at: int, request_: ListMetricsRequest) -> None:
    clock, source = VirtualClock(), Numbers()
    async with served(fixture(clock, list_metrics=telling(clock, source))) as channel:
        await unary(channel)(ListMetricsRequest())
        source.error = DOWN
        await clock.advance(at)
        call = unary(channel)(request_)
        stale = await call
        trailers = await call.trailing_metadata()

    assert [1] == [metric.value for metric in stale.metrics]
    assert str(at) == trailers["age"]


async def test_what_the_client_has_still_holds_while_a_new_one_is_fetched() -> None:
    clock, source = VirtualClock(), Numbers()
    async with serving(clock=clock, list_metrics=telling(clock, source)) as front:
        first = await front.get(METRICS)
        await clock.advance(JUST_STALE)
        known = await front.get(METRICS, If_None_Match=first.headers["ETag"])
        await settle()
        anew = await front.get(METRICS, If_None_Match=first.headers["ETag"])

    assert (304, str(JUST_STALE)) == (known.status, known.headers["Age"])
    assert (200, 2, "0") == (anew.status, anew.json["metrics"][0]["value"], anew.headers["Age"])
    assert f"private, max-age={FRESH_FOR}" == anew.headers["Cache-Control"]


async def test_who_has_a_stale_answer_already_is_told_so_and_how_old_it_is_by_now() -> None:
    clock = VirtualClock()
    async with serving(clock=clock, list_metrics=telling(clock, Numbers())) as front:
        await front.get(METRICS)
        await clock.advance(LONG_STALE)
        stale = await front.get(f"{METRICS}?freshness=CACHED")
        await clock.advance(10)
        known = await front.get(f"{METRICS}?freshness=CACHED", If_None_Match=stale.headers["ETag"])

    assert (304, b"") == (known.status, known.body)
    assert (str(LONG_STALE + 10), "private, no-cache") == (known.headers["Age"], known.headers["Cache-Control"])


async def test_a_source_that_failed_is_asked_again_by_each_who_was_given_what_stands_in() -> None:
    clock, source = VirtualClock(), Numbers()
    async with serving(clock=clock, list_metrics=telling(clock, source)) as front:
        await front.get(METRICS)
        source.error = DOWN
        await clock.advance(LONG_STALE)
        for _ in range(3):
            await front.get(f"{METRICS}?freshness=STALE_IF_ERROR")

    assert 4 == len(source.asked)


async def test_what_lacks_a_source_altogether_has_no_age_however_old_the_rest() -> None:
    clock = VirtualClock()
    service = telling(clock, Numbers("crm"), DeadSource("ai"))
    async with serving(clock=clock, list_metrics=service) as front:
        await front.get(METRICS)
        await clock.advance(JUST_STALE)
        answer = await front.get(METRICS)

    assert "Age" not in answer.headers
    assert "private, no-store" == answer.headers["Cache-Control"]
