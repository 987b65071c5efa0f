"""What goes out, what comes back, and what the inquiry tells afterwards."""

import gzip
import json

import pytest
from aiohttp import web

from adapters.drift import DriftKind, DriftLog
from adapters.errors import ReportedFailureError
from adapters.transport import Request
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing


async def echo(request: web.Request) -> web.Response:
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "path": request.raw_path,
            "headers": {name.lower(): value for name, value in request.headers.items()},
            "body": body.decode(),
        }
    )


async def sent(request: Request, *, path: str = "", headers: dict[str, str] | None = None) -> dict[str, str]:
    """What reaches an upstream at `path`, flattened: headers by their lower-case names."""
    async with playing(echo) as base, opened(base + path, headers=headers) as upstream:
        body = await upstream.ask(request, as_sent, an_inquiry())
    answer = json.loads(body)
    return {**answer.pop("headers"), **answer}


@pytest.mark.parametrize("path", ["/crm", "/crm/"])
async def test_paths_are_appended_to_the_path_of_the_base_url(path: str) -> None:
    received = await sent(Request(method="GET", path="api/v1/numbers"), path=path)

    assert received["path"] == "/crm/api/v1/numbers"


async def test_a_query_goes_out_percent_encoded_and_in_order() -> None:
    received = await sent(Request(method="GET", path="x", query={"$select": "a,b/c", "at": "1+1 & ü%41"}))

    assert received["path"] == "/x?$select=a,b/c&at=1%2B1+%26+%C3%BC%2541"


async def test_the_upstreams_headers_go_with_each_request_and_the_requests_own_override_them() -> None:
    request = Request(method="GET", path="x", headers={"Accept-Language": "fr"})

    received = await sent(request, headers={"X-Org": "aurora", "Accept-Language": "en"})

    assert (received["x-org"], received["accept-language"]) == ("aurora", "fr")


async def test_the_gateway_names_itself_and_asks_for_json() -> None:
    received = await sent(GET)

    assert received["user-agent"].startswith("analytics-gateway/")
    assert received["accept"] == "application/json"


async def test_a_body_of_length_zero_is_sent_as_json_of_length_zero() -> None:
    received = await sent(Request(method="POST", path="x", body=b""))

    assert (received["content-length"], received["content-type"]) == ("0", "application/json")


async def test_a_body_goes_out_untouched_and_a_request_without_one_has_no_content_type() -> None:
    with_body = await sent(Request(method="POST", path="x", body=b'{"a": 12.50}'))
    without = await sent(GET)

    assert (with_body["body"], with_body["content-type"]) == ('{"a": 12.50}', "application/json")
    assert "content-type" not in without


async def test_cookies_of_an_upstream_are_not_sent_back() -> None:
    cookies: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        cookies.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "session=1; Path=/"})

    # No cookie is ever kept for a bare address.
    async with playing(answer) as base, opened(base.replace("127.0.0.1", "localhost")) as upstream:
        await upstream.ask(GET, as_sent, an_inquiry())
        await upstream.ask(GET, as_sent, an_inquiry())

    assert cookies == [None, None]


async def test_a_compressed_answer_is_read() -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(b"[1, 2]"), headers={"Content-Encoding": "gzip"})

    async with playing(answer) as base, opened(base) as upstream:
        assert await upstream.ask(GET, as_sent, an_inquiry()) == b"[1, 2]"


async def test_an_answer_is_noted_with_its_moment_its_attempt_and_its_drift() -> None:
    def read(body: bytes, drift: DriftLog) -> bytes:
        drift.note("realm", DriftKind.UNKNOWN)
        return body

    inquiry = an_inquiry()
    async with playing(echo) as base, opened(base) as upstream:
        await upstream.ask(GET, read, an_inquiry())
        await upstream.ask(GET, read, inquiry)

    assert inquiry.attempts == 1
    assert inquiry.observe_time is not None
    assert list(inquiry.drift) == [("realm", DriftKind.UNKNOWN, 1)]


async def test_an_answer_that_makes_no_sense_is_not_asked_for_again_and_only_its_drift_is_told() -> None:
    def refuse(_: bytes, drift: DriftLog) -> bytes:
        drift.note("realm", DriftKind.UNKNOWN)
        raise ReportedFailureError("It says null.")

    inquiry = an_inquiry()
    async with playing(echo) as base, opened(base, attempts=3) as upstream:
        with pytest.raises(ReportedFailureError):
            await upstream.ask(GET, refuse, inquiry)

    assert (inquiry.attempts, inquiry.observe_time, bool(inquiry.drift)) == (1, None, True)
