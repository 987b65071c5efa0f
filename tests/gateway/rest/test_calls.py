"""Unary RPCs over real HTTP: what arrives, and what comes back as what."""

import asyncio

import pytest

from gateway.pipeline import Call
from tests.clock import settle
from tests.gateway.rest.serving import Recorder, serving
from unified.analytics.v1.analytics_service_pb2 import (
    ListEventsRequest,
    ListMetricsRequest,
    ListMetricsResponse,
    QueryRankingRequest,
)
from unified.analytics.v1.freshness_pb2 import FRESHNESS_FRESH
from unified.analytics.v1.source_service_pb2 import CheckSourceRequest

METRIC = {
    "metric": "zylon.projects", "source": "ai", "labels": {}, "value": 12,
}  # fmt: skip


async def test_a_call_is_answered_in_json_that_nobody_may_keep() -> None:
    async with serving() as front:
        answer = await front.get("/v1/metrics")

    assert 200 == answer.status
    assert {"metrics": [METRIC], "outcomes": []} == answer.json
    assert "application/json" == answer.headers["Content-Type"]
    assert "private, no-store" == answer.headers["Cache-Control"]
    assert "Accept, Accept-Encoding" == answer.headers["Vary"]
    assert "Age" not in answer.headers
    assert "nosniff" == answer.headers["X-Content-Type-Options"]
    assert "analytics-gateway" == answer.headers["Server"]


async def test_path_and_query_become_the_request() -> None:
    service = Recorder()
    async with serving(query_ranking=service.query_ranking) as front:
        await front.get("/v1/rankings/active-users?limit=5&sources=ai&sources=docs&freshness=FRESH")

    expected = QueryRankingRequest(ranking="active-users", limit=5, sources=["ai", "docs"], freshness=FRESHNESS_FRESH)
    assert [expected] == service.asked


async def test_the_same_path_and_query_become_the_same_request_each_time() -> None:
    service = Recorder()
    rankings = ["active-users", "top-searches", "active-users"]
    async with serving(query_ranking=service.query_ranking) as front:
        for ranking in rankings:
            await front.get(f"/v1/rankings/{ranking}?limit=5")

    assert [QueryRankingRequest(ranking=ranking, limit=5) for ranking in rankings] == service.asked


async def test_a_body_becomes_the_request() -> None:
    service = Recorder()
    async with serving(list_events=service.list_events) as front:
        answer = await front.ask("POST", "/v1/events:search", json={"userIds": ["u 1"], "page_size": 7})

    assert [ListEventsRequest(user_ids=["u 1"], page_size=7)] == service.asked
    assert {"n": 1} == answer.json["events"][0]["attributes"]


@pytest.mark.parametrize("content_type", ["application/json", "application/x-www-form-urlencoded", ""])
async def test_an_empty_body_is_an_empty_object_whatever_it_claims_to_be(content_type: str) -> None:
    service = Recorder()
    async with serving(check_source=service.check_source) as front:
        answer = await front.ask("POST", "/v1/sources/crm:check", data=b"", headers={"Content-Type": content_type})

    assert 200 == answer.status
    assert [CheckSourceRequest(source="crm")] == service.asked


async def test_head_answers_as_get_does_without_a_body() -> None:
    async with serving() as front:
        get = await front.get("/v1/metrics")
        head = await front.raw("HEAD /v1/metrics HTTP/1.1\nHost: x\nConnection: close\n\n")

    top, _, body = head.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 200 OK")
    assert f"Content-Length: {len(get.body)}".encode() in top
    assert b"" == body


@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/*", "text/html, */*;q=0.1"])
async def test_json_is_sent_to_whoever_takes_it(accept: str) -> None:
    async with serving() as front:
        assert 200 == (await front.get("/v1/metrics", Accept=accept)).status


async def test_who_takes_no_json_is_refused() -> None:
    async with serving() as front:
        answer = await front.get("/v1/metrics", Accept="text/csv")

    assert 406 == answer.status
    assert "NOT_ACCEPTABLE" == answer.reason
    assert "this can be sent as application/json only: say so in Accept, or say */*" == answer.json["detail"]


async def test_the_callers_request_id_comes_back_and_is_logged() -> None:
    async with serving() as front:
        good = await front.get("/v1/metrics", X_Request_Id="abc-1")
        bad = await front.get("/v1/metrics?x=1", X_Request_Id="abc-2")
        lost = await front.get("/v2", X_Request_Id="abc-3")

    assert ["abc-1", "abc-2", "abc-3"] == [answer.headers["X-Request-Id"] for answer in (good, bad, lost)]
    assert ["abc-1", "abc-2"] == [line["request_id"] for line in front.behind.logged("call")]


async def test_a_request_id_is_made_where_none_is_given() -> None:
    async with serving() as front:
        answers = [await front.get("/v1/metrics") for _ in range(2)]

    assert 2 == len({answer.headers["X-Request-Id"] for answer in answers})


async def test_the_caller_says_how_long_it_waits() -> None:
    seen: list[float] = []

    async def list_metrics(_request: ListMetricsRequest, call: Call) -> ListMetricsResponse:
        seen.append(round(call.deadline - call.started, 6))
        return ListMetricsResponse()

    async with serving(list_metrics=list_metrics) as front:
        await front.get("/v1/metrics", Request_Timeout="2.5")
        await front.get("/v1/metrics", grpc_timeout="1500m")
        await front.get("/v1/metrics", grpc_timeout="1M", Request_Timeout="3")
        await front.get("/v1/metrics")

    assert [2.5, 1.5, 3, 10] == seen


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Request-Timeout", "soon"), ("Request-Timeout", "0"), ("Request-Timeout", "-1"), ("Request-Timeout", "1e3"),
        ("Request-Timeout", "nan"), ("Request-Timeout", "inf"), ("grpc-timeout", "5"), ("grpc-timeout", "0S"),
        ("grpc-timeout", "123456789S"), ("grpc-timeout", "1s"),
    ],
)  # fmt: skip
async def test_a_time_that_makes_no_sense_is_named(header: str, value: str) -> None:
    async with serving() as front:
        answer = await front.get("/v1/metrics", **{header: value})

    assert 400 == answer.status
    assert answer.json["detail"].startswith(f"{header}: must be ")
    assert answer.json["detail"].endswith(f', not "{value}"')


async def test_a_client_that_leaves_cancels_its_call() -> None:
    arrived, cancelled = asyncio.Event(), asyncio.Event()

    async def list_metrics(_request: ListMetricsRequest, _call: Call) -> ListMetricsResponse:
        arrived.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    async with serving(list_metrics=list_metrics) as front:
        asking = asyncio.ensure_future(front.get("/v1/metrics"))
        await arrived.wait()
        asking.cancel()
        await cancelled.wait()
        await settle()

    assert ["CANCELLED"] == [line["code"] for line in front.behind.logged("call")]
