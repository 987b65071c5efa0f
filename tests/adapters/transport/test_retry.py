"""When an upstream is asked again, and when not."""

import asyncio
import gc
import random
import weakref
from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from adapters.errors import (
    CircuitOpenError,
    RateLimitedError,
    SourceError,
    UpstreamFailedError,
    UpstreamTimeoutError,
)
from adapters.settings import RetrySettings
from adapters.transport.budget import RetryBudget
from adapters.transport.retry import Retry, is_worth_waiting, parse_retry_after, wait_before
from tests.adapters.transport.noting import Noting
from tests.adapters.transport.playing import GET, Handler, an_inquiry, as_sent, opened, playing
from tests.clock import START, VirtualClock

POLICY = RetrySettings(first_wait=0.2, longest_wait=5)


class Failing:
    """An attempt that fails so, one failure after the other, and then succeeds."""

    def __init__(self, *failures: SourceError) -> None:
        self.failures = list(failures)

    async def __call__(self) -> str:
        if self.failures:
            raise self.failures.pop(0)
        return "answer"


def retry_of(noted: Noting, *, budget: float = 0.2, budget_floor: int = 4, is_in_vain: bool = False) -> Retry:
    """At most three attempts."""
    policy = RetrySettings(attempts=3, first_wait=0.001, budget=budget, budget_floor=budget_floor)
    return Retry(
        policy,
        budget=RetryBudget(policy),
        clock=VirtualClock(),
        random=random.Random(1),
        meter=noted,
        is_in_vain=lambda: is_in_vain,
    )


def answers(*statuses: int, retry_after: str | None = None) -> Handler:
    """An upstream that answers with one status after the other, all but 200 with `Retry-After`."""
    left = iter(statuses)

    async def answer(_: web.Request) -> web.Response:
        status = next(left)
        headers = {"Retry-After": retry_after} if retry_after is not None and status != 200 else {}
        return web.Response(status=status, text="{}", headers=headers)

    return answer


@pytest.mark.parametrize(("attempt", "bound"), [(2, 0.2), (3, 0.4), (4, 0.8), (6, 3.2), (7, 5.0), (1000, 5.0)])
def test_waits_spread_evenly_below_a_bound_that_doubles_up_to_the_longest(attempt: int, bound: float) -> None:
    chance = random.Random(1)

    waits = [wait_before(attempt, hint=None, policy=POLICY, random=chance).total_seconds() for _ in range(1000)]

    assert 0 <= min(waits) < 0.02 * bound
    assert 0.98 * bound < max(waits) <= bound
    assert sum(waits) / len(waits) == pytest.approx(bound / 2, rel=0.1)


def test_the_upstreams_hint_wins_over_the_backoff() -> None:
    hint = timedelta(seconds=3)

    assert wait_before(2, hint=hint, policy=POLICY, random=random.Random(1)) == hint


@pytest.mark.parametrize(
    ("wait", "remaining", "worth"),
    [(5, 60, True), (5.1, 60, False), (1, 1.1, True), (1, 1, False), (0, 0, False), (0, 0.1, True)],
)
def test_only_a_wait_within_the_policy_and_the_calls_time_is_worth_it(
    wait: float, remaining: float, *, worth: bool
) -> None:
    assert worth == is_worth_waiting(timedelta(seconds=wait), policy=POLICY, remaining=timedelta(seconds=remaining))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        ("1.5", 1.5),
        ("Wed, 18 Mar 2026 12:00:30 GMT", 30),
        ("Wednesday, 18-Mar-26 12:00:30 GMT", 30),
        ("Wed Mar 18 12:00:30 2026", 30),
        ("Wed, 18 Mar 2026 14:00:30 +0200", 30),
        ("Wed, 18 Mar 2026 11:00:00 GMT", 0),
    ],
)
def test_retry_after_is_read_in_seconds_and_in_all_forms_of_an_http_date(text: str, seconds: float) -> None:
    assert parse_retry_after(text, START) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "soon",
        "-1",
        "1e9",
        "\u0663",
        "9" * 400,
        "Wed, 99 Mar 2026 12:00:30 GMT",
        "Wed, 18 Mar 99999 12:00:00 GMT",
    ],
)
def test_a_retry_after_that_makes_no_sense_is_none(text: str | None) -> None:
    assert parse_retry_after(text, START) is None


def test_a_retry_after_at_the_end_of_time_is_a_long_wait() -> None:
    wait = parse_retry_after("Fri, 31 Dec 9999 23:59:59 -1200", datetime(2026, 1, 1, tzinfo=UTC))

    assert wait is None or wait > timedelta(days=365)


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_a_failure_that_may_pass_is_tried_again(status: int) -> None:
    inquiry = an_inquiry(VirtualClock(flowing=True))
    async with playing(answers(status, 200)) as base, opened(base, attempts=2) as upstream:
        assert await upstream.ask(GET, as_sent, inquiry) == b"{}"

    assert inquiry.attempts == 2


@pytest.mark.parametrize("status", [301, 400, 401, 403, 404, 405, 421, 422])
async def test_a_refusal_is_not_tried_again(status: int) -> None:
    inquiry = an_inquiry(VirtualClock(flowing=True))
    async with playing(answers(status, 200)) as base, opened(base, attempts=3) as upstream:
        with pytest.raises(SourceError):
            await upstream.ask(GET, as_sent, inquiry)

    assert inquiry.attempts == 1


@pytest.mark.parametrize("retry_after", ["3", "Wed, 18 Mar 2026 12:00:03 GMT"])
async def test_the_wait_is_as_long_as_the_upstream_asks(retry_after: str) -> None:
    clock = VirtualClock(flowing=True)
    async with (
        playing(answers(429, 200, retry_after=retry_after)) as base,
        opened(base, attempts=2, clock=clock) as upstream,
    ):
        await upstream.ask(GET, as_sent, an_inquiry(clock))

    assert clock.slept == [3]


async def test_a_wait_longer_than_the_policy_allows_fails_at_once_and_says_how_long() -> None:
    clock = VirtualClock(flowing=True)
    async with playing(answers(429, retry_after="31")) as base, opened(base, attempts=3) as upstream:
        with pytest.raises(RateLimitedError) as failed:
            await upstream.ask(GET, as_sent, an_inquiry(clock, seconds=60))

    assert (clock.slept, failed.value.retry_after) == ([], timedelta(seconds=31))


async def test_a_wait_beyond_the_deadline_fails_at_once_with_the_upstreams_own_error() -> None:
    clock = VirtualClock(flowing=True)
    async with playing(answers(503, retry_after="3")) as base, opened(base, attempts=3) as upstream:
        with pytest.raises(UpstreamFailedError):
            await upstream.ask(GET, as_sent, an_inquiry(clock, seconds=3))

    assert clock.slept == []


async def test_the_last_attempts_error_is_raised_as_it_is() -> None:
    inquiry = an_inquiry(VirtualClock(flowing=True))
    async with playing(answers(503, 500, 429, 200)) as base, opened(base, attempts=3) as upstream:
        with pytest.raises(RateLimitedError):
            await upstream.ask(GET, as_sent, inquiry)

    assert inquiry.attempts == 3


async def test_a_sleep_that_takes_all_the_time_there_was_is_followed_by_no_attempt() -> None:
    class SlowClock(VirtualClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds + 60)

    inquiry = an_inquiry(SlowClock(flowing=True), seconds=30)
    async with playing(answers(503, 200)) as base, opened(base, attempts=2) as upstream:
        with pytest.raises(UpstreamTimeoutError):
            await upstream.ask(GET, as_sent, inquiry)

    assert inquiry.attempts == 1


async def test_a_caller_that_leaves_during_a_wait_is_not_held() -> None:
    class ToldClock(VirtualClock):
        async def sleep(self, seconds: float) -> None:
            waiting.set()
            await super().sleep(seconds)

    waiting = asyncio.Event()
    inquiry = an_inquiry(ToldClock())
    async with playing(answers(429, 200, retry_after="3")) as base, opened(base, attempts=2) as upstream:
        asking = asyncio.create_task(upstream.ask(GET, as_sent, inquiry))
        await waiting.wait()

        asking.cancel()

        with pytest.raises(asyncio.CancelledError):
            await asking
    assert inquiry.attempts == 1


async def test_a_refusal_of_our_own_is_not_tried_again_and_earns_no_retry() -> None:
    asked, noted = 0, Noting()

    async def refuse() -> str:
        nonlocal asked
        asked += 1
        raise CircuitOpenError("Left alone.")

    retry = retry_of(noted, budget=1.0, budget_floor=0)
    for _ in range(10):
        with pytest.raises(CircuitOpenError):
            await retry(refuse, an_inquiry(VirtualClock(flowing=True)))
    with pytest.raises(UpstreamFailedError):
        await retry(
            Failing(UpstreamFailedError("503."), UpstreamFailedError("503.")), an_inquiry(VirtualClock(flowing=True))
        )

    # The last one has itself paid for one retry, and none of the others has.
    assert (asked, noted.retries) == (10, [True, False])


async def test_a_retry_that_the_budget_does_not_allow_raises_the_attempts_own_error() -> None:
    failure = UpstreamFailedError("503.", retry_after=timedelta(seconds=3))
    noted = Noting()

    with pytest.raises(UpstreamFailedError) as failed:
        await retry_of(noted, budget=0, budget_floor=0)(Failing(failure), an_inquiry())

    assert (failed.value, failed.value.retry_after) == (failure, timedelta(seconds=3))
    assert noted.retries == [False]


async def test_a_retry_that_would_not_be_sent_is_not_waited_for_and_costs_nothing() -> None:
    noted = Noting()

    with pytest.raises(UpstreamFailedError):
        await retry_of(noted, is_in_vain=True)(
            Failing(UpstreamFailedError("503.")), an_inquiry(VirtualClock(flowing=True))
        )

    assert noted.retries == []


async def test_the_wait_between_two_attempts_counts_as_waiting() -> None:
    inquiry = an_inquiry(VirtualClock(flowing=True))
    failing = Failing(RateLimitedError("429.", retry_after=timedelta(seconds=3)))

    assert await retry_of(Noting())(failing, inquiry) == "answer"

    assert inquiry.waited == 3


async def test_a_question_that_was_answered_in_the_end_keeps_nothing_alive_of_what_failed() -> None:
    failure = UpstreamFailedError("503.", retry_after=timedelta(0))
    gone = weakref.ref(failure)
    failing = Failing(failure)
    del failure
    gc.disable()
    try:
        await retry_of(Noting())(failing, an_inquiry(VirtualClock(flowing=True)))
        assert gone() is None
    finally:
        gc.enable()
