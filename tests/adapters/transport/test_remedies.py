"""Refusals that another credential or another address may mend."""

import asyncio
import traceback
from collections.abc import Mapping
from datetime import datetime

import pytest
from aiohttp import web
from yarl import URL

from adapters.errors import (
    CredentialRefusedError,
    MisdirectedError,
    PermissionRefusedError,
    SourceError,
    UnreachableError,
    UpstreamTimeoutError,
)
from adapters.inquiry import Inquiry
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, opened, playing
from tests.clock import VirtualClock


class Tickets:
    """A credential of which a new one can be had so many times, if none of the `failures` comes first."""

    scheme = "ticket"
    expire_time: datetime | None = None

    def __init__(self, renewals: int = 9, *failures: SourceError, takes: float = 0) -> None:
        self.number = 0
        self.renewals = renewals
        self.failures = list(failures)
        self.takes = takes

    async def headers(self, inquiry: Inquiry) -> Mapping[str, str]:
        del inquiry
        return {"X-Ticket": f"s3cret-{self.number}"}

    async def renew(self, refused: Mapping[str, str], inquiry: Inquiry) -> bool:
        assert refused == await self.headers(inquiry)
        await inquiry.clock.sleep(self.takes)
        if self.failures:
            raise self.failures.pop(0)
        if not self.renewals:
            return False
        self.renewals -= 1
        self.number += 1
        return True


class Moving:
    """An address that moves from each place to the next, below the same server."""

    def __init__(self, base: str, *, moves: int = 9) -> None:
        self.base_url = URL(base)
        self.place = 0
        self.moves = moves

    @property
    def shown(self) -> str:
        return str(self.base_url)

    async def base(self, inquiry: Inquiry) -> URL:
        del inquiry
        return self.base_url / f"place-{self.place}"

    async def moved(self, left: URL, inquiry: Inquiry) -> bool:
        assert left == await self.base(inquiry)
        if not self.moves:
            return False
        self.moves -= 1
        self.place += 1
        return True


class Answers:
    """One status after the other; `asked` is with which ticket, and where."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = iter(statuses)
        self.asked: list[str] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.headers.get('X-Ticket', '')}{request.path.removesuffix('/numbers')}")
        return web.Response(status=next(self.statuses), text="{}")


async def ask(answers: Answers, tickets: Tickets, *, moves: int = 9, inquiry: Inquiry | None = None) -> bytes:
    """Ask once, in at most three attempts."""
    inquiry = inquiry or an_inquiry(VirtualClock(flowing=True))
    async with (
        playing(answers.answer) as base,
        opened(Moving(base, moves=moves), credential=tickets, attempts=3) as upstream,
    ):
        return await upstream.ask(GET, as_sent, inquiry)


@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_credential_is_renewed_and_the_request_sent_again(status: int) -> None:
    answers, inquiry = Answers(status, 200), an_inquiry(VirtualClock(flowing=True))

    assert await ask(answers, Tickets(), inquiry=inquiry) == b"{}"

    assert answers.asked == ["s3cret-0/place-0", "s3cret-1/place-0"]
    assert inquiry.attempts == 2


async def test_a_tenant_that_has_moved_is_asked_where_it_is_now() -> None:
    answers = Answers(421, 200)

    assert await ask(answers, Tickets()) == b"{}"

    assert answers.asked == ["s3cret-0/place-0", "s3cret-0/place-1"]


@pytest.mark.parametrize(
    ("statuses", "asked"),
    [
        ((421, 401, 200), ["s3cret-0/place-0", "s3cret-0/place-1", "s3cret-1/place-1"]),
        ((401, 421, 200), ["s3cret-0/place-0", "s3cret-1/place-0", "s3cret-1/place-1"]),
    ],
)
async def test_a_refusal_for_one_reason_does_not_use_up_the_remedy_for_the_other(
    statuses: tuple[int, ...], asked: list[str]
) -> None:
    answers = Answers(*statuses)

    assert await ask(answers, Tickets()) == b"{}"

    assert answers.asked == asked


async def test_a_failure_after_a_renewal_is_retried_with_the_renewed_credential() -> None:
    answers = Answers(401, 503, 200)

    assert await ask(answers, Tickets()) == b"{}"

    assert answers.asked == ["s3cret-0/place-0", "s3cret-1/place-0", "s3cret-1/place-0"]


@pytest.mark.parametrize(
    ("statuses", "error", "said"),
    [
        (
            (401, 401),
            CredentialRefusedError,
            r"refused the credential \(401\).* A renewed credential was refused as well",
        ),
        ((403, 403), PermissionRefusedError, r"denied access \(403\).* A renewed credential was refused as well"),
        ((401, 403), PermissionRefusedError, r"denied access \(403\).* A renewed credential was refused as well"),
        ((421, 421), MisdirectedError, r"does not serve the tenant \(421\).* had just been asked for anew"),
        # Once for all attempts of a question, not once for each.
        ((401, 503, 401), CredentialRefusedError, "A renewed credential was refused as well"),
        ((421, 503, 421), MisdirectedError, "had just been asked for anew"),
    ],
)
async def test_a_remedy_that_did_not_help_is_not_tried_again_and_told(
    statuses: tuple[int, ...], error: type[SourceError], said: str
) -> None:
    answers = Answers(*statuses)

    with pytest.raises(error, match=said) as failed:
        await ask(answers, Tickets())

    assert len(answers.asked) == len(statuses)
    assert "s3cret" not in "".join(traceback.format_exception(failed.value))


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, CredentialRefusedError), (403, PermissionRefusedError), (421, MisdirectedError)],
)
async def test_where_there_is_no_remedy_the_refusal_stands(status: int, error: type[SourceError]) -> None:
    answers, inquiry = Answers(status), an_inquiry(VirtualClock(flowing=True))

    with pytest.raises(error, match=r"\.$") as failed:
        await ask(answers, Tickets(0), moves=0, inquiry=inquiry)

    assert ". " not in str(failed.value)  # nothing was tried of which to tell
    assert inquiry.attempts == 1


async def test_a_renewal_that_fails_for_good_is_what_the_caller_is_told() -> None:
    with pytest.raises(CredentialRefusedError, match="the refresh token was revoked"):
        await ask(Answers(401), Tickets(9, CredentialRefusedError("Sign in again: the refresh token was revoked.")))


async def test_a_renewal_that_fails_in_passing_is_part_of_an_attempt_and_repeated_with_it() -> None:
    answers = Answers(401, 200)

    assert await ask(answers, Tickets(9, UnreachableError("The token endpoint is down."))) == b"{}"

    assert len(answers.asked) == 2


async def test_a_renewal_that_failed_in_passing_has_not_been_tried_in_vain() -> None:
    answers = Answers(401, 401, 200)

    assert await ask(answers, Tickets(9, UnreachableError("The token endpoint is down."))) == b"{}"

    assert [ticket.partition("/")[0] for ticket in answers.asked] == ["s3cret-0", "s3cret-0", "s3cret-1"]


async def test_a_renewal_that_takes_all_the_time_is_followed_by_no_request() -> None:
    answers, inquiry = Answers(401), an_inquiry(VirtualClock(flowing=True), seconds=5)

    with pytest.raises(UpstreamTimeoutError, match="No time was left"):
        await ask(answers, Tickets(takes=5), inquiry=inquiry)

    assert inquiry.attempts == 1


async def test_a_caller_that_leaves_during_a_renewal_is_not_held() -> None:
    class ToldClock(VirtualClock):
        async def sleep(self, seconds: float) -> None:
            renewing.set()
            await super().sleep(seconds)

    renewing = asyncio.Event()
    inquiry = an_inquiry(ToldClock())
    asking = asyncio.create_task(ask(Answers(401), Tickets(takes=5), inquiry=inquiry))
    await renewing.wait()

    asking.cancel()

    with pytest.raises(asyncio.CancelledError):
        await asking
    assert inquiry.attempts == 1


async def test_the_connection_shows_where_and_how_and_nothing_secret() -> None:
    async with playing(Answers(200).answer) as base, opened(base, credential=Tickets()) as upstream:
        connection = upstream.connection

    assert (connection.address, connection.credential_scheme) == (base, "ticket")
    assert "s3cret" not in repr(connection) + repr(upstream)
