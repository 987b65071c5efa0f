"""Requests over real HTTP that are refused before any service is asked."""

import pytest
from structlog.testing import capture_logs

from gateway.rest.reading import MOST_BODY_BYTES
from tests.gateway.rest.serving import Recorder, serving


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


async def test_a_request_that_cannot_be_parsed_is_logged_without_what_it_said(caplog: pytest.LogCaptureFixture) -> None:
    with capture_logs() as logged:
        async with serving() as front:
            answer = await front.raw("GET /v1/events?userIds=zoe HTTP/9.9\nHost: x\n\n")

    assert b" 400 " in answer.splitlines()[0]
    assert [{"event": "http_error", "kind": "BadStatusLine", "log_level": "warning"}] == logged
    assert not caplog.records
