"""What HTTP is told of an answer's age, for how long it keeps, and whether the client has it already."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest
from backports import zstd

from gateway.pipeline import Call
from gateway.pipeline.shelf import ShelfLife
from gateway.rest.codings import SMALLEST_BODY
from gateway.rest.replies import LARGE
from tests.clock import VirtualClock
from tests.gateway.rest.serving import Answer, serving
from unified.analytics.v1.analytics_service_pb2 import (
    ListEventsRequest,
    ListEventsResponse,
    ListMetricsRequest,
    ListMetricsResponse,
)
from unified.analytics.v1.metric_pb2 import Metric

METRICS = "/v1/metrics"
LONG, VERY_LONG = "m" * SMALLEST_BODY, "n" * LARGE

ListMetrics = Callable[[ListMetricsRequest, Call], Awaitable[ListMetricsResponse]]


@dataclass(slots=True)
class Observation:
    """Something that is kept."""

    is_kept: bool = True
    is_used: bool = False


def kept(  # noqa: PLR0913 - what a test may want to say of an answer
    *,
    metric: str = "zylon.projects",
    seconds: float = 60.0,
    before: float = 20.0,
    repeatable: bool = True,
    observation: Observation | None = None,
    asked: list[ListMetricsRequest] | None = None,
) -> ListMetrics:
    """A service whose answer was observed `before` seconds ago, and keeps for `seconds` more."""

    async def list_metrics(request: ListMetricsRequest, call: Call) -> ListMetricsResponse:
        now = call.clock.monotonic()
        observations = [observation or Observation()]
        call.shelf = ShelfLife(
            observed=now - before, fresh_until=now + seconds, repeatable=repeatable, kept=observations
        )
        if asked is not None:
            asked.append(request)
        return ListMetricsResponse(metrics=[Metric(metric=metric, value=12)])

    return list_metrics


async def test_an_answer_that_is_kept_tells_its_age_and_for_how_long_it_keeps() -> None:
    """A cache subtracts the age from `max-age`: what is left is how long it is fresh."""
    async with serving(clock=VirtualClock(), list_metrics=kept(before=20.9, seconds=60.9)) as front:
        answer = await front.get(METRICS)

    assert ("20", "private, max-age=80") == (answer.headers["Age"], answer.headers["Cache-Control"])


async def test_a_repeated_answer_is_older_and_keeps_no_longer_for_that() -> None:
    clock, asked = VirtualClock(), list[ListMetricsRequest]()
    async with serving(clock=clock, list_metrics=kept(before=0, seconds=60, asked=asked)) as front:
        answers = []
        for _ in range(3):
            answers.append(await front.get(METRICS))
            await clock.advance(25)
        anew = await front.get(METRICS)

    assert ["0", "25", "50"] == [each.headers["Age"] for each in answers]
    assert {"private, max-age=60"} == {each.headers["Cache-Control"] for each in answers}
    assert 1 == len({each.body for each in answers})
    assert "0" == anew.headers["Age"]
    assert 2 == len(asked)


async def test_an_answer_made_anew_for_each_call_may_be_kept_but_is_asked_about() -> None:
    async with serving(clock=VirtualClock(), list_metrics=kept(repeatable=False, before=0)) as front:
        answer = await front.get(METRICS)

    assert ("0", "private, no-cache") == (answer.headers["Age"], answer.headers["Cache-Control"])


async def test_an_answer_that_keeps_for_less_than_a_second_is_asked_about() -> None:
    async with serving(clock=VirtualClock(), list_metrics=kept(seconds=0.9)) as front:
        assert "private, no-cache" == (await front.get(METRICS)).headers["Cache-Control"]


async def test_a_newer_observation_is_told_at_once() -> None:
    first, asked = Observation(), list[ListMetricsRequest]()
    async with serving(clock=VirtualClock(), list_metrics=kept(observation=first, asked=asked)) as front:
        await front.get(METRICS)
        first.is_kept = False
        await front.get(METRICS)

    assert 2 == len(asked)


async def test_an_answer_at_hand_is_given_also_when_no_more_calls_are_taken() -> None:
    arrived = asyncio.Event()
    at_once = kept()

    async def list_metrics(request: ListMetricsRequest, call: Call) -> ListMetricsResponse:
        if request.sources:
            arrived.set()
            await asyncio.Event().wait()
        return await at_once(request, call)

    async with serving(clock=VirtualClock(), max_calls=1, list_metrics=list_metrics) as front:
        before = await front.get(METRICS)
        hanging = asyncio.ensure_future(front.get(f"{METRICS}?sources=ai"))
        await arrived.wait()
        again = await front.get(METRICS)
        spelled_otherwise = await front.get(f"{METRICS}?freshness=UNSPECIFIED")
        hanging.cancel()

    assert [200, 200, 429] == [each.status for each in (before, again, spelled_otherwise)]
    assert before.body == again.body


async def test_nobody_may_keep_what_a_body_asked_for() -> None:
    async def list_events(_request: ListEventsRequest, call: Call) -> ListEventsResponse:
        now = call.clock.monotonic()
        call.shelf = ShelfLife(observed=now - 7, fresh_until=now + 60, repeatable=True, kept=[Observation()])
        return ListEventsResponse(next_page_token=LONG)

    async with serving(clock=VirtualClock(), list_events=list_events) as front:
        answer = await front.ask("POST", "/v1/events:search", json={}, headers={"If-None-Match": "*"})

    assert (200, LONG) == (answer.status, answer.json["nextPageToken"])
    assert ("7", "private, no-store") == (answer.headers["Age"], answer.headers["Cache-Control"])
    assert "Accept, Accept-Encoding" == answer.headers["Vary"]
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("service", [kept(), kept(repeatable=False)], ids=["kept", "made-anew"])
async def test_who_has_the_answer_already_is_told_so(service: ListMetrics) -> None:
    async with serving(clock=VirtualClock(), list_metrics=service) as front:
        first = await front.get(METRICS)
        again = await front.get(METRICS, If_None_Match=f'"other", W/{first.headers["ETag"]}')
        other = await front.get(METRICS, If_None_Match='"other"')

    assert (304, b"") == (again.status, again.body)
    for name in ("Age", "Cache-Control", "ETag", "Vary"):
        assert first.headers[name] == again.headers[name]
    assert all(name in again.headers for name in ("Date", "X-Request-Id", "Server-Timing", "Server"))
    assert not any(name in again.headers for name in ("Content-Type", "Content-Length", "Transfer-Encoding"))
    assert (200, first.body) == (other.status, other.body)


async def test_head_is_told_so_too() -> None:
    async with serving(list_metrics=kept()) as front:
        tag = (await front.coded(METRICS)).headers["ETag"]
        head = await front.raw(f"HEAD {METRICS} HTTP/1.1\nHost: x\nIf-None-Match: {tag}\nConnection: close\n\n")

    top, _, body = head.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 304 Not Modified")
    assert tag.encode() in top
    assert b"" == body


async def test_a_refusal_is_never_not_modified() -> None:
    async with serving() as front:
        answer = await front.get(f"{METRICS}?x=1", If_None_Match="*")

    assert 400 == answer.status
    assert "no-store" == answer.headers["Cache-Control"]
    assert "ETag" not in answer.headers


@pytest.mark.parametrize("text", [LONG, VERY_LONG], ids=["at-once", "in-a-thread"])
async def test_each_coding_has_a_tag_of_its_own_and_the_same_content(text: str) -> None:
    async with serving(list_metrics=kept(metric=text)) as front:
        plain = await front.coded(METRICS)
        zipped = await front.coded(METRICS, Accept_Encoding="gzip")
        zstandard = await front.coded(METRICS, Accept_Encoding="gzip, zstd")
        known = await front.coded(METRICS, Accept_Encoding="gzip", If_None_Match=zipped.headers["ETag"])
        unknown = await front.coded(METRICS, Accept_Encoding="gzip", If_None_Match=plain.headers["ETag"])

    assert "Content-Encoding" not in plain.headers
    assert ["gzip", "zstd"] == [each.headers["Content-Encoding"] for each in (zipped, zstandard)]
    assert plain.body == gzip.decompress(zipped.body) == zstd.decompress(zstandard.body)
    assert 3 == len({each.headers["ETag"] for each in (plain, zipped, zstandard)})
    assert {"Accept, Accept-Encoding"} == {each.headers["Vary"] for each in (plain, zipped, zstandard, known)}
    assert [str(len(each.body)) for each in (plain, zipped)] == [
        each.headers["Content-Length"] for each in (plain, zipped)
    ]
    assert [304, 200] == [known.status, unknown.status]


async def test_a_small_answer_is_not_worth_it() -> None:
    async with serving(list_metrics=kept()) as front:
        answer = await front.coded(METRICS, Accept_Encoding="gzip")

    assert "Content-Encoding" not in answer.headers
    assert "Accept, Accept-Encoding" == answer.headers["Vary"]


async def test_who_accepts_no_coding_at_all_is_refused_before_anything_is_asked() -> None:
    asked: list[ListMetricsRequest] = []
    async with serving(list_metrics=kept(asked=asked)) as front:
        answer = await front.coded(METRICS, Accept_Encoding="br, identity;q=0")

    assert (406, "NOT_ACCEPTABLE") == (answer.status, answer.reason)
    assert [] == asked


async def test_every_answer_tells_where_its_time_went() -> None:
    clock = VirtualClock()

    async def list_metrics(_request: ListMetricsRequest, call: Call) -> ListMetricsResponse:
        await clock.advance(0.5)
        call.waited = 0.4
        return ListMetricsResponse()

    async with serving(clock=clock, list_metrics=list_metrics) as front:
        answer = await front.get(METRICS)
        refused = await front.get(f"{METRICS}?x=1")
        streamed = await front.get("/v1/events:stream")

    assert {"upstream": 400.0, "gateway": 100.0} == durations(answer)
    assert {"upstream": 0.0, "gateway": 0.0} == durations(refused) == durations(streamed)


def durations(answer: Answer) -> dict[str, float]:
    """Milliseconds, by what took them."""
    metrics = (metric.split(";dur=") for metric in answer.headers["Server-Timing"].split(", "))
    return {name: float(milliseconds) for name, milliseconds in metrics}
