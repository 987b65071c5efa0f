"""Each status is an error of ours that says what would help."""

from datetime import timedelta

import pytest
from aiohttp import web

from adapters.errors import (
    CredentialRefusedError,
    MisdirectedError,
    PermissionRefusedError,
    RateLimitedError,
    RedirectedError,
    RequestRefusedError,
    SourceError,
    UpstreamFailedError,
    UpstreamNotFoundError,
)
from adapters.transport.statuses import refusal
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_success_is_no_error(status: int) -> None:
    assert refusal(status, None) is None


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (300, RedirectedError),
        (302, RedirectedError),
        (304, RedirectedError),
        (308, RedirectedError),
        (400, RequestRefusedError),
        (401, CredentialRefusedError),
        (403, PermissionRefusedError),
        (404, UpstreamNotFoundError),
        (405, UpstreamNotFoundError),
        (408, UpstreamFailedError),
        (410, UpstreamNotFoundError),
        (418, RequestRefusedError),
        (421, MisdirectedError),
        (429, RateLimitedError),
        (500, UpstreamFailedError),
        (503, UpstreamFailedError),
        (599, UpstreamFailedError),
        (999, UpstreamFailedError),
    ],
)
def test_a_status_is_the_error_that_it_stands_for_and_is_named(status: int, error: type[SourceError]) -> None:
    refused = refusal(status, None)

    assert type(refused) is error
    assert f"({status})" in str(refused)


def test_the_upstreams_word_on_when_to_come_back_is_kept() -> None:
    refused = refusal(401, timedelta(seconds=7))

    assert refused is not None
    assert refused.retry_after == timedelta(seconds=7)


async def test_a_redirect_is_not_followed_not_even_to_the_same_host() -> None:
    visited: list[str] = []

    async def answer(request: web.Request) -> web.Response:
        visited.append(request.path)
        raise web.HTTPFound("/elsewhere")

    async with playing(answer) as base, opened(base) as upstream:
        with pytest.raises(RedirectedError):
            await upstream.ask(GET, as_sent, an_inquiry())

    assert visited == ["/numbers"]


async def test_a_redirect_to_another_host_does_not_take_the_credential_there() -> None:
    stolen: list[object] = []

    async def steal(request: web.Request) -> web.Response:
        stolen.append(request.headers)
        return web.Response()

    async with playing(steal) as elsewhere:

        async def answer(_: web.Request) -> web.Response:
            raise web.HTTPTemporaryRedirect(elsewhere)

        async with playing(answer) as base, opened(base, headers={"Authorization": "Bearer s3cret"}) as upstream:
            with pytest.raises(RedirectedError) as refused:
                await upstream.ask(GET, as_sent, an_inquiry())

    assert stolen == []
    assert elsewhere not in str(refused.value)
