"""Refusals whose body says more than their status."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from aiohttp import web

from adapters.errors import (
    CredentialRefusedError,
    RequestRefusedError,
    ResponseTooLargeError,
    SourceError,
    UpstreamFailedError,
)
from adapters.transport import Request
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing


def explained(body: bytes) -> SourceError | None:
    return CredentialRefusedError("The consent is gone.") if body == b"gone" else None


ASKING = replace(GET, explain=explained)


def answering(status: int, body: bytes = b"gone") -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handler(_: web.Request) -> web.Response:
        return web.Response(status=status, body=body)

    return handler


async def failure(status: int, body: bytes = b"gone", request: Request = ASKING) -> SourceError:
    async with playing(answering(status, body)) as base, opened(base, max_body_bytes=1024) as upstream:
        with pytest.raises(SourceError) as failed:
            await upstream.ask(request, as_sent, an_inquiry())
    return failed.value


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429])
async def test_what_the_body_of_a_refusal_says_is_told(status: int) -> None:
    assert str(await failure(status)) == "The consent is gone."


async def test_a_body_that_says_nothing_leaves_the_status() -> None:
    assert type(await failure(400, b"<html>")) is RequestRefusedError


async def test_who_does_not_ask_is_told_the_status() -> None:
    assert type(await failure(400, request=GET)) is RequestRefusedError


async def test_what_failed_inside_has_not_refused() -> None:
    assert type(await failure(500)) is UpstreamFailedError


async def test_such_a_body_is_bounded_too() -> None:
    assert type(await failure(400, b"x" * 2000)) is ResponseTooLargeError


async def test_a_success_is_never_taken_for_a_refusal() -> None:
    async with playing(answering(200)) as base, opened(base) as upstream:
        assert await upstream.ask(ASKING, as_sent, an_inquiry()) == b"gone"


def test_a_request_does_not_show_who_explains() -> None:
    assert repr(ASKING) == "Request(method='GET', path='numbers')"
