"""What Prometheus is told of HTTP requests."""

import asyncio

import pytest

from gateway.pipeline import Call
from tests.clock import settle
from tests.gateway.rest.serving import Recorder, Served, serving
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse


def counted(front: Served, verb: str, route: str, status: int, number: str = "duration_seconds_count") -> float:
    """A number of the requests of a route that ended with a status."""
    labels = {"http_request_method": verb, "http_route": route, "http_response_status_code": str(status)}
    kind = "response_body" if number.startswith("size") else "request"
    return front.behind.number(f"http_server_{kind}_{number}", **labels)


@pytest.mark.parametrize(
    ("verb", "path", "route", "status"),
    [
        ("GET", "/v1/metrics", "/v1/metrics", 200),
        ("GET", "/v1/metrics?x=1", "/v1/metrics", 400),
        ("HEAD", "/v1/metrics", "/v1/metrics", 200),
        ("GET", "/v1/sources/crm:check", "", 405),
        ("POST", "/v1/sources/crm:check", "/v1/sources/{source}:check", 200),
        ("GET", "/nothing", "", 404),
        ("PROPFIND", "/nothing", "", 404),
        ("GET", "/healthz", "/healthz", 200),
        ("GET", "/v1/events:stream", "/v1/events:stream", 200),
    ],
)
async def test_every_request_is_counted_by_its_route(verb: str, path: str, route: str, status: int) -> None:
    async with serving(check_source=Recorder().check_source) as front:
        answer = await front.ask(verb, path)

        assert status == answer.status
        method = "_OTHER" if verb == "PROPFIND" else verb
        assert 1 == counted(front, method, route, status)
        assert len(answer.body) == counted(front, method, route, status, "size_bytes_sum")
        assert 0 == front.behind.number("http_server_active_requests", http_request_method=method)


async def test_a_body_is_counted_as_it_was_received() -> None:
    async with serving(list_events=Recorder().list_events) as front:
        await front.ask("POST", "/v1/events:search", data=b"{   }", headers={"Content-Type": "application/json"})

        assert 5 == counted(front, "POST", "/v1/events:search", 200, "body_size_bytes_sum")


async def test_a_client_that_left_is_counted_as_such() -> None:
    arrived = asyncio.Event()

    async def list_metrics(_request: ListMetricsRequest, _call: Call) -> ListMetricsResponse:
        arrived.set()
        await asyncio.Event().wait()
        raise AssertionError

    async with serving(list_metrics=list_metrics) as front:
        asking = asyncio.ensure_future(front.get("/v1/metrics"))
        await arrived.wait()
        assert 1 == front.behind.number("http_server_active_requests", http_request_method="GET")
        asking.cancel()
        while not counted(front, "GET", "/v1/metrics", 499):
            await settle()

        assert 0 == front.behind.number("http_server_active_requests", http_request_method="GET")
