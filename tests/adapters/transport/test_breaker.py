"""When an upstream that fails is left alone, and when it is tried again."""

import random
from datetime import timedelta

import pytest

from adapters.errors import (
    CircuitOpenError,
    CredentialRefusedError,
    InvalidResponseError,
    RateLimitedError,
    RateLimitReachedError,
    RequestRefusedError,
    ResponseTooLargeError,
    SourceError,
    UnreachableError,
    UpstreamFailedError,
    UpstreamNotFoundError,
    UpstreamTimeoutError,
)
from adapters.settings import BreakerSettings
from adapters.transport.breaker import SPREAD, Breaker, Verdict, verdict_on
from tests.adapters.transport.noting import Noting
from tests.clock import START, VirtualClock

POLICY = BreakerSettings(failure_ratio=0.5, window=20, least_requests=4, pause=5, longest_pause=12)


class Latest(random.Random):
    """Chance takes nothing away from a pause."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


class Tried:
    """A breaker, and requests that have one outcome or another."""

    def __init__(self, chance: random.Random | None = None, policy: BreakerSettings = POLICY) -> None:
        self.clock = VirtualClock()
        self.noted = Noting()
        self.breaker = Breaker(policy, clock=self.clock, random=chance or Latest(), meter=self.noted)

    def state(self) -> str:
        return self.breaker.state

    def request(self, verdict: Verdict, *, times: int = 1) -> None:
        for _ in range(times):
            self.breaker.settle(self.breaker.enter(), verdict)

    def open(self) -> None:
        self.request("failed", times=4)
        assert self.state() == "open"

    async def open_until_the_probe(self) -> None:
        self.open()
        await self.clock.advance(5)

    def refusal(self) -> CircuitOpenError:
        with pytest.raises(CircuitOpenError) as refused:
            self.breaker.enter()
        return refused.value


def test_too_many_failures_among_the_latest_requests_open_it_and_nothing_is_let_through() -> None:
    tried = Tried()
    tried.request("answered", times=4)
    tried.request("failed", times=3)
    assert tried.state() == "closed"

    tried.request("failed")

    assert tried.state() == "open"
    assert tried.refusal().retry_after == timedelta(seconds=5)
    assert tried.breaker.probe_time == START + timedelta(seconds=5)
    assert (tried.noted.circuits, tried.noted.refusals) == (["open"], ["circuit"])


def test_a_few_failures_prove_nothing() -> None:
    tried = Tried()

    tried.request("failed", times=3)

    assert (tried.state(), tried.breaker.failure_ratio) == ("closed", 1.0)


def test_what_says_nothing_counts_neither_way() -> None:
    tried = Tried()
    tried.request("failed", times=3)

    tried.request("unknown", times=100)
    assert (tried.state(), tried.breaker.failure_ratio) == ("closed", 1.0)
    tried.request("failed")

    assert tried.state() == "open"


async def test_failures_that_are_older_than_the_window_are_forgotten() -> None:
    tried = Tried()
    tried.request("failed", times=3)
    await tried.clock.advance(20)

    tried.request("failed")

    assert (tried.state(), tried.breaker.failure_ratio) == ("closed", 1.0)


async def test_after_the_pause_a_single_request_finds_out_and_the_others_are_refused_meanwhile() -> None:
    tried = Tried()
    await tried.open_until_the_probe()

    probe = tried.breaker.enter()
    assert tried.state() == "half_open"
    assert tried.refusal().retry_after == timedelta(seconds=1)
    tried.breaker.settle(probe, "answered")

    assert (tried.state(), tried.breaker.probe_time) == ("closed", None)
    assert tried.noted.circuits == ["open", "half_open", "closed"]


async def test_when_it_has_closed_old_failures_count_no_more() -> None:
    tried = Tried()
    await tried.open_until_the_probe()
    tried.request("answered")

    tried.request("failed", times=3)

    assert tried.state() == "closed"


async def test_each_probe_that_fails_doubles_the_pause_up_to_its_limit_and_an_answer_ends_that() -> None:
    tried = Tried()
    tried.open()
    pauses = []
    for _ in range(4):
        wait = tried.refusal().retry_after
        assert wait is not None
        pauses.append(wait.total_seconds())
        await tried.clock.advance(pauses[-1])
        tried.request("failed")
    await tried.clock.advance(12)
    tried.request("answered")
    tried.open()

    assert pauses == [5, 10, 12, 12]
    assert tried.refusal().retry_after == timedelta(seconds=5)


async def test_an_upstream_that_is_down_for_days_is_still_noticed_when_it_is_back() -> None:
    """A pause that only grew, to be cut each time, would be too large a number after a thousand and some."""
    tried = Tried()
    tried.open()
    for _ in range(2000):
        await tried.clock.advance(12)
        tried.request("failed")
    await tried.clock.advance(12)
    tried.request("answered")

    assert tried.state() == "closed"


async def test_a_probe_whose_caller_leaves_frees_its_place() -> None:
    tried = Tried()
    await tried.open_until_the_probe()

    tried.request("unknown")
    assert tried.state() == "open"
    tried.request("answered")

    assert tried.state() == "closed"


async def test_requests_from_before_a_change_say_nothing_after_it() -> None:
    tried = Tried()
    slow = [tried.breaker.enter() for _ in range(8)]
    tried.open()
    tried.breaker.settle(slow.pop(), "answered")
    assert tried.state() == "open"
    await tried.clock.advance(5)
    probe = tried.breaker.enter()
    tried.breaker.settle(slow.pop(), "answered")
    assert tried.state() == "half_open"
    tried.breaker.settle(probe, "answered")

    for era in slow:
        tried.breaker.settle(era, "failed")

    assert (tried.state(), tried.breaker.failure_ratio) == ("closed", 0.0)


def test_chance_takes_something_away_from_a_pause_so_that_replicas_do_not_probe_together() -> None:
    waits = set()
    for seed in range(200):
        tried = Tried(random.Random(seed))
        tried.open()
        wait = tried.refusal().retry_after
        assert wait is not None
        waits.add(wait.total_seconds())

    assert 5 * (1 - SPREAD) <= min(waits) < 4.1
    assert 4.9 < max(waits) <= 5
    assert len(waits) > 100


def timed_out(seconds: float) -> UpstreamTimeoutError:
    error = UpstreamTimeoutError(f"No answer within {seconds} s.")
    error.waited = timedelta(seconds=seconds)
    return error


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (UnreachableError("No connection."), "failed"),
        (UpstreamFailedError("503."), "failed"),
        (InvalidResponseError("Not HTTP."), "failed"),
        (timed_out(4), "failed"),
        (timed_out(3.999), "unknown"),
        (UpstreamTimeoutError("Not sent."), "unknown"),
        (RateLimitReachedError("Not sent."), "unknown"),
        (RateLimitedError("429."), "answered"),
        (CredentialRefusedError("401."), "answered"),
        (UpstreamNotFoundError("404."), "answered"),
        (RequestRefusedError("400."), "answered"),
        (ResponseTooLargeError("Too large."), "answered"),
    ],
    ids=lambda value: f"{type(value).__name__}: {value}" if isinstance(value, SourceError) else value,
)
def test_an_upstream_is_down_if_it_cannot_be_reached_or_fails_not_if_it_refuses(
    error: SourceError, verdict: Verdict
) -> None:
    assert verdict_on(error, least_timeout=4) == verdict
