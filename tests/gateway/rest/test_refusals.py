"""Requests over real HTTP that are refused before any service is asked."""

import asyncio
import gzip
import json
import zlib

import pytest
from structlog.testing import capture_logs

from gateway.pipeline import Call
from gateway.rest.reading import MOST_BODY_BYTES
from gateway.rest.server import MOST_ADDRESS_BYTES, MOST_HEADER_BYTES, MOST_HEADERS
from tests.gateway.rest.serving import Recorder, serving
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest, ListMetricsResponse


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json; charset=utf-8", 200),
        ("text/plain", 415),
        ("application/json; charset=latin-1", 415),
        ("", 415),
    ],
)
async def test_a_body_must_be_json_by_its_own_word(content_type: str, status: int) -> None:
    async with serving(list_events=Recorder().list_events) as front:
        answer = await front.ask("POST", "/v1/events:search", data=b"{}", headers={"Content-Type": content_type})

    assert status == answer.status
    assert 200 == status or "MEDIA_TYPE_UNSUPPORTED" == answer.reason


async def _pieces(size: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a body of no known length
    for start in range(0, size, 1000):
        yield b" " * min(1000, size - start)


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_has_its_limit(chunked: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    async with serving(list_events=Recorder().list_events) as front:

        async def send(size: int) -> int:
            data = _pieces(size) if chunked else b" " * size
            headers = {"Content-Type": "application/json"}
            answer = await front.ask("POST", "/v1/events:search", data=data, headers=headers)
            assert answer.status != 413 or answer.reason == "BODY_TOO_LARGE"
            return answer.status

        assert [400, 413] == [await send(MOST_BODY_BYTES), await send(MOST_BODY_BYTES + 1)]


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", gzip.compress(b"{}"), 200),
        ("deflate", zlib.compress(b"{}"), 200),
        ("identity", b"{}", 200),
        ("compress", b"{}", 415),
        ("br", b"{}", 415),
        ("zstd", b"{}", 415),
        ("gzip, gzip", gzip.compress(gzip.compress(b"{}")), 415),
        ("gzip", gzip.compress(b" " * (MOST_BODY_BYTES + 1)), 413),
        ("gzip", b"{}", 400),
    ],
    # Not the bodies: gzip writes the time into them, and each worker would have other names for these tests.
    ids=["gzip", "deflate", "identity", "unknown", "brotli", "zstd", "twice", "too-large", "damaged"],
)
async def test_a_body_may_be_compressed(coding: str, body: bytes, status: int) -> None:
    async with serving(list_events=Recorder().list_events) as front:
        headers = {"Content-Type": "application/json", "Content-Encoding": coding}
        answer = await front.ask("POST", "/v1/events:search", data=body, headers=headers)

    assert status == answer.status
    assert 415 != status or ("gzip, deflate", "MEDIA_TYPE_UNSUPPORTED") == (
        answer.headers["Accept-Encoding"],
        answer.reason,
    )


async def test_a_body_that_is_no_json_is_named() -> None:
    async with serving() as front:
        headers = {"Content-Type": "application/json"}
        answer = await front.ask("POST", "/v1/events:search", data=b"{", headers=headers)

    assert 400 == answer.status
    assert answer.json["detail"].startswith("body: must be JSON in UTF-8")


async def test_a_value_that_may_be_personal_is_not_repeated() -> None:
    async with serving() as front:
        answer = await front.ask(
            "POST", "/v1/events:search", json={"userIds": "zoë@example.com", "userRealms": [{"a": "zoë"}]}
        )

    assert 400 == answer.status
    assert "zoë" not in answer.body.decode()


@pytest.mark.parametrize("path", ["/v2/metrics", "/v1/metrics/", "/v1/sources/a:b", "/nothing"])
async def test_an_unknown_path_is_404(path: str) -> None:
    async with serving() as front:
        answer = await front.get(path)

    assert 404 == answer.status
    assert "PATH_UNKNOWN" == answer.reason


@pytest.mark.parametrize(
    ("verb", "path"), [("GET", "/v1/events:search"), ("POST", "/v1/events"), ("DELETE", "/healthz")]
)
async def test_a_wrong_method_is_405_and_told_the_right_ones(verb: str, path: str) -> None:
    async with serving() as front:
        answer = await front.ask(verb, path)

    assert 405 == answer.status
    assert ("POST" if path.endswith("search") else "GET, HEAD") == answer.headers["Allow"]
    assert "METHOD_NOT_ALLOWED" == answer.reason


async def test_a_request_that_is_about_no_path_is_a_problem_too() -> None:
    async with serving() as front:
        answer = await front.raw("OPTIONS * HTTP/1.1\nHost: x\nConnection: close\n\n")

    assert answer.startswith(b"HTTP/1.1 404 ")
    assert b"application/problem+json" in answer


async def test_bytes_in_headers_that_are_no_text_do_no_harm() -> None:
    async with serving() as front:
        answer = await front.raw(
            "GET /v1/metrics HTTP/1.1\nHost: x\nX-Request-Id: \xff\nAccept: \xff\nConnection: close\n\n"
        )

    assert answer.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("header", ["Request-Timeout", "grpc-timeout"])
async def test_a_timeout_that_is_no_text_is_invalid(header: str) -> None:
    async with serving() as front:
        answer = await front.raw(f"GET /v1/metrics HTTP/1.1\nHost: x\n{header}: \xff\nConnection: close\n\n")

    assert answer.startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("request_", "status", "reason", "said"),
    [
        ("GET /v1/events?userIds=zoe HTTP/9.9\nHost: x\n\n", 400, "HTTP_INVALID", "this cannot be read as HTTP/1.1"),
        ("G@T / HTTP/1.1\nHost: x\n\n", 400, "HTTP_INVALID", "this cannot be read as HTTP/1.1"),
        (
            f"GET /v1/events?userIds=zoe{'x' * MOST_ADDRESS_BYTES} HTTP/1.1\nHost: x\n\n",
            414,
            "ADDRESS_TOO_LONG",
            "at most 8192 bytes",
        ),
        (
            f"GET /v1/events HTTP/1.1\nHost: x\nX-Zoe: {'x' * 2 * MOST_HEADER_BYTES}\n\n",
            431,
            "HEADER_TOO_LONG",
            "at most 16384 bytes",
        ),
        (
            "GET /v1/events HTTP/1.1\n" + "X-Zoe: zoe\n" * (MOST_HEADERS + 1) + "\n",
            431,
            "HEADER_TOO_LONG",
            "at most 128 headers",
        ),
        (
            "POST /v1/events:search HTTP/1.1\nHost: x\nTransfer-Encoding: zoe, chunked\nConnection: close\n\n0\n\n",
            400,
            "HTTP_INVALID",
            "the only transfer coding that is read is chunked",
        ),
        (
            "GET /v1/metrics HTTP/1.1\nHost: x\nExpect: zoe\nConnection: close\n\n",
            417,
            "EXPECTATION_FAILED",
            "100-continue",
        ),
    ],
)
async def test_what_is_no_http_is_a_problem_too_and_not_repeated(
    request_: str, status: int, reason: str, said: str
) -> None:
    async with serving() as front:
        head, _, body = (await front.raw(request_)).partition(b"\r\n\r\n")

    problem = json.loads(body)
    assert str(status).encode() == head.split()[1]
    assert {b"Server: analytics-gateway", b"Content-Type: application/problem+json"} <= set(head.splitlines())
    assert [status, reason] == [problem["status"], problem["error"]["details"][0]["reason"]]
    assert said in problem["detail"]
    assert b"zoe" not in head + body


async def test_a_client_may_ask_before_it_sends_a_body() -> None:
    async with serving(list_events=Recorder().list_events) as front:
        headers = {"Content-Type": "application/json", "Expect": "100-continue"}
        answer = await front.ask("POST", "/v1/events:search", data=b"{}", headers=headers, expect100=True)

    assert 200 == answer.status


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (f"Content-Type: application/json\nContent-Length: {MOST_BODY_BYTES + 1}", 413),
        ("Content-Type: text/plain\nContent-Length: 2", 415),
        ("Content-Encoding: zoe\nContent-Length: 2", 415),
    ],
)
@pytest.mark.parametrize("expects", ["", "Expect: 100-continue\n"])
async def test_a_body_that_will_not_do_by_its_own_word_is_not_waited_for(told: str, status: int, expects: str) -> None:
    async with serving() as front:
        answer = await front.first(f"POST /v1/events:search HTTP/1.1\nHost: x\n{expects}{told}\n\n")

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


async def test_a_body_that_nobody_reads_is_not_asked_for() -> None:
    async with serving() as front:
        told = "Host: x\nExpect: 100-continue\nContent-Length: 2"
        answer = await front.first(f"POST /v1/nothing HTTP/1.1\n{told}\n\n")

    assert answer.startswith(b"HTTP/1.1 404 ")


async def test_a_body_that_goes_on_with_what_is_no_http_is_refused_as_soon_as_it_does() -> None:
    asked = "POST /v1/events:search HTTP/1.1\nHost: x\nContent-Type: application/json\n"
    async with serving() as front, asyncio.timeout(30):
        reader, writer = await asyncio.open_connection("127.0.0.1", front.port)
        writer.write(f"{asked}Expect: 100-continue\nTransfer-Encoding: chunked\n\n".replace("\n", "\r\n").encode())
        go_on = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"2\r\n{}\r\nzz\r\n")
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()

    head, _, body = answer.partition(b"\r\n\r\n")
    assert (b"HTTP/1.1 100 Continue\r\n\r\n", b"400") == (go_on, head.split()[1])
    assert "is not compressed or cut into chunks as it says" in json.loads(body)["detail"]
    assert 1 == answer.count(b"HTTP/1.1 ")


async def test_a_request_that_cannot_be_parsed_is_logged_without_what_it_said(caplog: pytest.LogCaptureFixture) -> None:
    with capture_logs() as logged:
        async with serving() as front:
            answer = await front.raw("GET /v1/events?userIds=zoe HTTP/9.9\nHost: x\n\n")

    assert b" 400 " in answer.splitlines()[0]
    assert [{"event": "http_error", "kind": "BadStatusLine", "log_level": "warning"}] == logged
    assert not caplog.records


async def test_one_call_too_many_is_refused_at_once_and_told_when_to_come_back() -> None:
    arrived, release = asyncio.Event(), asyncio.Event()

    async def list_metrics(_request: ListMetricsRequest, _call: Call) -> ListMetricsResponse:
        arrived.set()
        await release.wait()
        return ListMetricsResponse()

    async with serving(max_calls=1, list_metrics=list_metrics) as front:
        first = asyncio.ensure_future(front.get("/v1/metrics"))
        await arrived.wait()
        second = await front.get("/v1/metrics?sources=ai")
        pages = [(await front.get(path)).status for path in ("/healthz", "/readyz", "/metrics")]
        release.set()
        answered = (await first).status

    assert (429, "OVERLOADED", "1") == (second.status, second.reason, second.headers["Retry-After"])
    assert [200, 200, 200, 200] == [answered, *pages]
