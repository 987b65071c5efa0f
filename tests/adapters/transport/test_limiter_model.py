"""The rate limiter beside a plain model of it: a bucket, a line, and a quarter of a second after another."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from adapters.errors import RateLimitReachedError
from adapters.inquiry import Inquiry
from adapters.meter import Unmetered
from adapters.transport.limiter import RateLimiter
from tests.adapters.transport.limiting import Policy
from tests.clock import VirtualClock, settle

TICK = 0.25
"""All times are multiples of it, which floats hold exactly."""


LESS: list[dict[str, str]] = [{}, {"Retry-After": "3"}, {"RateLimit": '"a";r=0;t=2'}, {"RateLimit": '"a";r=1;t=9'}]
"""What an upstream says that wants less."""


class Model:
    """Who may go when, where no upstream wants less."""

    def __init__(self, rate: float, burst: int) -> None:
        self.rate, self.burst, self.tokens = rate, burst, float(burst)
        self.line: list[int] = []
        self.through: list[int] = []
        self.refused: set[int] = set()

    def come(self, who: int, seconds: float) -> None:
        missing = len(self.line) + 1 - self.tokens
        if missing <= 0:
            self.tokens -= 1
            self.through.append(who)
        elif missing / self.rate >= seconds:
            self.refused.add(who)
        else:
            self.line.append(who)

    def tick(self) -> None:
        self.tokens = min(self.burst, self.tokens + self.rate * TICK)
        while self.line and self.tokens >= 1:
            self.tokens -= 1
            self.through.append(self.line.pop(0))


class LimiterMachine(RuleBasedStateMachine):
    """People come, leave, and wait; sometimes the upstream wants less."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = VirtualClock()
        self.tasks: dict[int, asyncio.Task[None]] = {}
        self.deadlines: dict[int, float] = {}
        self.through: list[int] = []
        self.times: list[float] = []
        self.refused: set[int] = set()
        self.was_lowered = False

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        self.loop.run_until_complete(work)

    @initialize(rate=st.sampled_from([0.5, 1.0, 2.0, 4.0]), burst=st.integers(1, 5))
    def begin(self, rate: float, burst: int) -> None:
        self.model = Model(rate, burst)
        policy = Policy(rate=rate, burst=burst)
        self.limiter = RateLimiter(policy, clock=self.clock, meter=Unmetered(), shared=None, key="docs")

    @rule(ticks=st.integers(1, 60))
    def comes(self, ticks: int) -> None:
        who = len(self.deadlines)
        self.deadlines[who] = self.clock.monotonic() + ticks * TICK
        self.model.come(who, ticks * TICK)
        self.tasks[who] = self.loop.create_task(self.turn(who))
        self.run(settle())

    async def turn(self, who: int) -> None:
        inquiry = Inquiry(source="docs", clock=self.clock, deadline=self.deadlines[who])
        try:
            await self.limiter.turn(inquiry)
        except RateLimitReachedError:
            self.refused.add(who)
        else:
            self.through.append(who)
            self.times.append(self.clock.monotonic())

    @precondition(lambda self: self.tasks)
    @rule(data=st.data())
    def leaves(self, data: st.DataObject) -> None:
        who = data.draw(st.sampled_from(sorted(self.tasks)))
        self.tasks[who].cancel()
        if who in self.model.line:
            self.model.line.remove(who)
        self.run(settle())

    @rule(ticks=st.integers(1, 40))
    def time_passes(self, ticks: int) -> None:
        for _ in range(ticks):
            self.model.tick()
            self.run(self.clock.advance(TICK))

    @rule(
        headers=st.sampled_from([{}, {"Retry-After": "3"}, {"RateLimit": '"a";r=0;t=2'}, {"RateLimit": '"a";r=1;t=9'}])
    )
    def is_told_to_slow_down(self, headers: dict[str, str]) -> None:
        self.was_lowered = True
        self.limiter.heard(429, headers)
        self.run(settle())

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        if self.deadlines and not self.was_lowered:
            assert self.through == self.model.through
            assert self.refused == self.model.refused

    @invariant()
    def first_come_first_served_and_in_time(self) -> None:
        assert self.through == sorted(self.through)
        assert all(at <= self.deadlines[who] for who, at in zip(self.through, self.times, strict=True))

    @invariant()
    def never_more_than_the_burst_and_the_rate(self) -> None:
        for first, start in enumerate(self.times):
            for last in range(first, len(self.times)):
                allowed = self.model.burst + (self.times[last] - start) * self.model.rate
                assert last - first + 1 <= allowed + 1e-6

    def teardown(self) -> None:
        for task in self.tasks.values():
            task.cancel()
        self.run(settle())
        assert all(task.done() for task in self.tasks.values())
        self.loop.close()


LimiterMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestLimiter = LimiterMachine.TestCase
