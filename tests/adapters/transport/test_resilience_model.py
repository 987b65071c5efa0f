"""Breaker, retry budget and rate limit, against a model that keeps everything and is in no hurry.

Times and rates are such that no arithmetic is rounded: both must agree exactly.
"""

import random
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    precondition,
    rule,
)

from adapters.errors import CircuitOpenError, RateLimitReachedError
from adapters.inquiry import Inquiry
from adapters.meter import Circuit, Unmetered
from adapters.settings import BreakerSettings, LimitSettings, RetrySettings
from adapters.transport.breaker import Breaker, Verdict
from adapters.transport.budget import RetryBudget
from adapters.transport.limiter import RateLimiter
from tests.clock import VirtualClock

WINDOW, PAUSE, LONGEST_PAUSE = 10, 4, 16
LEAST_REQUESTS, RATIO = 4, 0.5
SHARE, FLOOR = 0.25, 2
RATE, BURST = 2.0, 3


class AllOfIt(random.Random):
    """Chance takes nothing away from a pause."""

    def uniform(self, a: float, b: float) -> float:
        return max(a, b)


@dataclass
class Model:
    """All that has ever happened, and when."""

    now: float = 1000.0
    circuit: Circuit = "closed"
    probe_at: float = 0.0
    pauses: int = 0
    changes: int = 0
    requests: list[tuple[float, bool]] = field(default_factory=list)
    """Each with whether it failed, since the circuit was last closed."""
    asked: list[float] = field(default_factory=list)
    retried: list[float] = field(default_factory=list)
    sent: list[float] = field(default_factory=list)

    def lately(self, moment: float) -> bool:
        """Whether a moment is within the window, which moves by whole seconds."""
        return int(moment) > int(self.now) - WINDOW

    def ratio(self) -> float:
        failed = [failed for moment, failed in self.requests if self.lately(moment)]
        return sum(failed) / len(failed) if failed else 0.0

    def may_enter(self) -> bool:
        return self.circuit == "closed" or (self.circuit == "open" and self.now >= self.probe_at)

    def enter(self) -> None:
        if self.circuit == "open":
            self.change("half_open")

    def settle(self, verdict: Verdict) -> None:
        if self.circuit == "half_open":
            self.settle_probe(verdict)
        elif verdict != "unknown":
            self.requests.append((self.now, verdict == "failed"))
            latest = [failed for moment, failed in self.requests if self.lately(moment)]
            if verdict == "failed" and len(latest) >= LEAST_REQUESTS and sum(latest) / len(latest) >= RATIO:
                self.open()

    def settle_probe(self, verdict: Verdict) -> None:
        if verdict == "failed":
            self.open()
        elif verdict == "unknown":
            self.change("open")
        else:
            self.pauses, self.requests = 0, []
            self.change("closed")

    def open(self) -> None:
        self.probe_at = self.now + min(LONGEST_PAUSE, PAUSE * 2**self.pauses)
        self.pauses += 1
        self.change("open")

    def change(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self.changes += 1

    def may_retry(self) -> bool:
        asked, retried = (sum(map(self.lately, moments)) for moments in (self.asked, self.retried))
        return retried + 1 <= max(SHARE * asked, FLOOR)

    def tokens(self) -> float:
        """Played through from the beginning."""
        tokens, since = float(BURST), 1000.0
        for moment in self.sent:
            tokens = min(BURST, tokens + (moment - since) * RATE) - 1
            since = moment
        return min(BURST, tokens + (self.now - since) * RATE)


def run(coroutine: Coroutine[object, None, None]) -> None:
    """Run what waits for nothing but its turn. There is no loop that anything else could be waited for with."""
    with suppress(StopIteration):
        while True:
            coroutine.send(None)


class ResilienceMachine(RuleBasedStateMachine):
    """Requests that come, are answered or not, and are repeated, in any order, at any time."""

    under_way: Bundle[tuple[int, int]] = Bundle("under_way")

    def __init__(self) -> None:
        super().__init__()
        self.model = Model()
        self.clock = VirtualClock()
        meter = Unmetered()
        policy = BreakerSettings(
            failure_ratio=RATIO,
            window=WINDOW,
            least_requests=LEAST_REQUESTS,
            pause=PAUSE,
            longest_pause=LONGEST_PAUSE,
        )
        self.breaker = Breaker(policy, clock=self.clock, random=AllOfIt(), meter=meter)
        self.budget = RetryBudget(RetrySettings(budget=SHARE, budget_floor=FLOOR))
        limits = LimitSettings(rate=RATE, burst=BURST)
        self.limiter = RateLimiter(limits, clock=self.clock, meter=meter, shared=None, key="crm")

    @rule(quarters=st.integers(1, 80))
    def time_passes(self, quarters: int) -> None:
        self.model.now += quarters / 4
        run(self.clock.advance(quarters / 4))

    @rule(target=under_way)
    def a_request_is_let_through_or_refused(self) -> tuple[int, int] | MultipleResults[tuple[int, int]]:
        entered = self.enter()
        return multiple() if entered is None else entered

    @rule(request=consumes(under_way), verdict=st.sampled_from(["answered", "failed", "unknown"]))
    def it_ends(self, request: tuple[int, int], verdict: Verdict) -> None:
        self.settle(request, verdict)

    @rule(requests=st.integers(1, 6))
    def some_fail_one_after_the_other(self, requests: int) -> None:
        for _ in range(requests):
            if (entered := self.enter()) is not None:
                self.settle(entered, "failed")

    @precondition(lambda self: self.model.now < self.model.probe_at)
    @rule(verdict=st.sampled_from(["answered", "failed", "unknown"]))
    def the_pause_ends_and_one_request_finds_out(self, verdict: Verdict) -> None:
        self.time_passes(int((self.model.probe_at - self.model.now) * 4))
        if (entered := self.enter()) is not None:
            self.settle(entered, verdict)

    @rule()
    def a_question_is_asked(self) -> None:
        self.budget.asked(self.model.now)
        self.model.asked.append(self.model.now)

    @rule()
    def a_retry_is_wanted(self) -> None:
        may = self.model.may_retry()
        assert self.budget.spend(self.model.now) == may
        if may:
            self.model.retried.append(self.model.now)

    @rule()
    def a_turn_is_wanted_by_somebody_without_time_to_wait(self) -> None:
        may = self.model.tokens() >= 1
        turn = self.limiter.turn(Inquiry(source="crm", clock=self.clock, deadline=self.model.now))
        if may:
            run(turn)
            self.model.sent.append(self.model.now)
        else:
            with pytest.raises(RateLimitReachedError):
                run(turn)

    def enter(self) -> tuple[int, int] | None:
        """What has been let through: its era, and the model's; None if it was not."""
        if not self.model.may_enter():
            with pytest.raises(CircuitOpenError) as refused:
                self.breaker.enter()
            assert refused.value.retry_after is not None
            assert refused.value.retry_after.total_seconds() > 0
            return None
        self.model.enter()
        return self.breaker.enter(), self.model.changes

    def settle(self, request: tuple[int, int], verdict: Verdict) -> None:
        era, changes = request
        self.breaker.settle(era, verdict)
        if changes == self.model.changes:
            self.model.settle(verdict)

    @invariant()
    def both_agree(self) -> None:
        assert self.breaker.state == self.model.circuit
        assert self.breaker.failure_ratio == self.model.ratio()

    @invariant()
    def no_span_of_time_had_more_requests_than_the_limit_allows(self) -> None:
        for first, start in enumerate(self.model.sent):
            assert len(self.model.sent) - first <= BURST + RATE * (self.model.now - start)


TestResilienceMachine = ResilienceMachine.TestCase
TestResilienceMachine.settings = settings(max_examples=40, stateful_step_count=60, deadline=None, derandomize=True)
