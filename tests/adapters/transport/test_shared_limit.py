"""A rate that holds for all replicas together, and what a limiter does where they cannot be asked."""

import pytest
from multidict import CIMultiDict

from adapters.errors import RateLimitReachedError
from tests.adapters.transport.limiting import ended, trying
from tests.clock import settle


class FakeShared:
    """Replicas that are told what to wait."""

    def __init__(self, *waits: float | None) -> None:
        self.waits = list(waits)
        self.asked: list[tuple[str, float, int, float]] = []
        self.given_back: list[tuple[str, float]] = []

    async def reserve(self, key: str, *, rate: float, burst: int, longest_wait: float) -> float | None:
        self.asked.append((key, rate, burst, longest_wait))
        return self.waits.pop(0)

    def give_back(self, key: str, *, rate: float) -> None:
        self.given_back.append((key, rate))


async def test_the_replicas_are_asked_and_their_wait_is_kept() -> None:
    shared = FakeShared(0.0, 3.0)
    tried = trying(rate=4.0, burst=2, shared=shared)
    await (await tried.come("a"))
    waiting = await tried.come("b", seconds=10)
    assert tried.through == ["a"]

    await tried.clock.advance(3)

    await waiting
    assert shared.asked == [("docs", 4.0, 2, 60.0), ("docs", 4.0, 2, 10.0)]
    assert shared.given_back == []


async def test_who_leaves_gives_a_shared_token_back() -> None:
    shared = FakeShared(3.0)
    tried = trying(rate=4.0, shared=shared)
    waiting = await tried.come("a")

    waiting.cancel()
    await settle()

    assert (tried.through, shared.given_back) == ([], [("docs", 4.0)])


async def test_a_shared_wait_that_does_not_fit_took_no_token() -> None:
    shared = FakeShared(30.0)
    tried = trying(rate=4.0, shared=shared)

    with pytest.raises(RateLimitReachedError, match="in 30 s"):
        await tried.limiter.turn(tried.inquiry(seconds=10))

    assert shared.given_back == []


async def test_a_429_also_holds_back_those_who_wait_with_a_shared_token() -> None:
    shared = FakeShared(1.0, 1.0)
    tried = trying(rate=4.0, shared=shared)
    patient, hurried = await tried.come("patient"), await tried.come("hurried", seconds=5)

    tried.limiter.heard(429, CIMultiDict({"Retry-After": "20"}))
    await tried.clock.advance(1)
    with pytest.raises(RateLimitReachedError):
        await hurried
    await tried.clock.advance(19)

    await patient
    assert (tried.through, shared.given_back) == (["patient"], [("docs", 4.0)])


async def test_when_the_replicas_are_out_of_reach_this_one_keeps_the_rate_itself() -> None:
    tried = trying(rate=1.0, burst=2, shared=FakeShared(0.0, None, None))

    tasks = [await tried.come(name) for name in "abc"]

    # The token that was shared counts here too: no second burst.
    async with ended(*tasks):
        assert tried.through == ["a", "b"]


async def test_a_source_without_a_rate_asks_no_replica() -> None:
    tried = trying(rate=None, shared=FakeShared())

    await tried.limiter.turn(tried.inquiry())

    assert tried.counts.waits == []
