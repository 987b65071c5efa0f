"""Credentials and people's data appear nowhere but on the wire."""

import logging
import traceback
from asyncio import StreamReader, StreamWriter

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from adapters.errors import SourceError
from adapters.transport import BasicAuth, BearerAuth, Request
from tests.adapters.transport.playing import an_inquiry, as_sent, opened, playing_raw, request_of
from tests.clock import VirtualClock

SECRETS = ["s3cret", "czNjcmV0", "alice@example.com", "alice%40example.com", "their-cookie"]

REQUEST = Request(
    method="POST",
    path="numbers",
    query={"user": "alice@example.com"},
    headers={"X-Key": "s3cret"},
    body=b'{"user": "alice@example.com"}',
)

COOKIE = b"Set-Cookie: their-cookie\r\nLocation: https://x/?alice@example.com\r\n"


def assert_clean(text: str) -> None:
    assert [secret for secret in SECRETS if secret in text] == []


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"their-cookie alice@example.com\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + COOKIE,
        b"HTTP/1.1 200 OK\r\n" + COOKIE + b"Content-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + COOKIE + b"Content-Length: 20\r\n\r\nalice@example.com",
        b"HTTP/1.1 200 their-cookie\r\n" + COOKIE + b"Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nalice",
        b"HTTP/1.1 307 their-cookie\r\n" + COOKIE + b"Content-Length: 0\r\n\r\n",
        b"HTTP/1.1 401 their-cookie\r\n" + COOKIE + b"Content-Length: 17\r\n\r\nalice@example.com",
        b"HTTP/1.1 503 their-cookie\r\n" + COOKIE + b"Content-Length: 17\r\n\r\nalice@example.com",
    ],
)
async def test_no_error_traceback_or_log_line_holds_a_secret(answer: bytes, caplog: pytest.LogCaptureFixture) -> None:
    async def handler(reader: StreamReader, writer: StreamWriter) -> None:
        await request_of(reader)
        writer.write(answer)
        await writer.drain()

    caplog.set_level(logging.DEBUG)
    headers = BearerAuth.model_validate({"scheme": "bearer", "token": "s3cret"}).credential().fixed
    inquiry = an_inquiry(VirtualClock(flowing=True))
    async with playing_raw(handler) as base, opened(base, headers=headers, attempts=2) as upstream:
        with pytest.raises(SourceError) as failed:
            await upstream.ask(REQUEST, as_sent, inquiry)
        assert_clean(repr(upstream))

    assert_clean("".join(traceback.format_exception(failed.value)))
    assert_clean(repr(failed.value))
    assert_clean(caplog.text)


def test_a_request_shows_only_where_it_goes() -> None:
    assert repr(REQUEST) == "Request(method='POST', path='numbers')"


class Source(BaseModel):
    """A source's table in the configuration."""

    model_config = ConfigDict(hide_input_in_errors=True)
    auth: BasicAuth | BearerAuth = Field(discriminator="scheme")


@pytest.mark.parametrize(
    "auth",
    [{"scheme": "basic", "username": "svc", "password": "s3cret"}, {"scheme": "bearer", "token": "s3cret"}],
)
def test_a_credential_shows_no_secret(auth: dict[str, str]) -> None:
    source = Source.model_validate({"auth": auth})

    assert_clean(repr(source) + str(source) + source.model_dump_json())


@pytest.mark.parametrize(
    "auth",
    [
        {"scheme": "bearer", "token": "s3cret\n"},
        {"scheme": "bearer", "token": "s3cret", "realm": "x"},
        {"scheme": "basic", "username": "s3cret:x", "password": "s3cret"},
    ],
)
def test_a_credential_that_is_refused_is_not_repeated(auth: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as refused:
        Source.model_validate({"auth": auth})

    assert_clean(str(refused.value))
