"""How the unit of Zylon's dates is found: by what holds data, once, and never by an empty answer."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import (
    CredentialRefusedError,
    RequestRefusedError,
    ResponseTooLargeError,
    SourceError,
    UnreachableError,
    UpstreamTimeoutError,
)
from adapters.query import Window
from adapters.zylon.units import Finding, TimeUnit, UnitFinder, find_unit
from tests.clock import VirtualClock, settle
from tests.running import inquire

SECONDS, MILLISECONDS = TimeUnit.SECONDS, TimeUnit.MILLISECONDS
DAY = Window(start=datetime(2026, 3, 1, tzinfo=UTC), end=datetime(2026, 3, 2, tzinfo=UTC))

Answers = dict[TimeUnit, bool | SourceError]


async def find(answers: Answers) -> Finding:
    async def probe(unit: TimeUnit) -> bool:
        answer = answers[unit]
        if isinstance(answer, SourceError):
            raise answer
        return answer

    return await find_unit(probe)


@pytest.mark.parametrize(("unit", "other"), [(SECONDS, MILLISECONDS), (MILLISECONDS, SECONDS)])
@pytest.mark.parametrize(
    "elsewhere", [False, RequestRefusedError("400"), UnreachableError("cut"), ResponseTooLargeError("a thousand years")]
)
async def test_the_unit_that_holds_data_wins_whatever_became_of_the_other(
    unit: TimeUnit,
    other: TimeUnit,
    elsewhere: bool | SourceError,  # noqa: FBT001 - a parameter of the test, not a switch
) -> None:
    assert Finding(unit=unit, is_certain=True) == await find({unit: True, other: elsewhere})


async def test_both_units_are_asked_at_once() -> None:
    asked: set[TimeUnit] = set()
    both = asyncio.Event()

    async def probe(unit: TimeUnit) -> bool:
        asked.add(unit)
        if len(asked) == 2:
            both.set()
        await both.wait()
        return unit is SECONDS

    assert SECONDS is (await find_unit(probe)).unit


async def test_where_neither_holds_data_nothing_is_decided_and_nothing_is_wrong() -> None:
    assert Finding(unit=MILLISECONDS, is_certain=False) == await find({SECONDS: False, MILLISECONDS: False})


@pytest.mark.parametrize(("refused", "answered"), [(SECONDS, MILLISECONDS), (MILLISECONDS, SECONDS)])
async def test_without_data_the_unit_that_is_not_refused_is_asked_in(refused: TimeUnit, answered: TimeUnit) -> None:
    finding = await find({refused: RequestRefusedError("400"), answered: False})
    assert Finding(unit=answered, is_certain=False) == finding


@pytest.mark.parametrize("failure", [UnreachableError("cut"), CredentialRefusedError("401")])
async def test_what_could_not_be_asked_is_not_taken_for_empty(failure: SourceError) -> None:
    with pytest.raises(type(failure)):
        await find({SECONDS: failure, MILLISECONDS: False})


async def test_a_refusal_in_both_units_is_about_something_else() -> None:
    with pytest.raises(RequestRefusedError):
        await find({SECONDS: RequestRefusedError("400"), MILLISECONDS: RequestRefusedError("400")})


def test_seconds_and_milliseconds_are_whole_ticks_since_1970() -> None:
    assert (1772323200, 1772409599) == (SECONDS.first(DAY), SECONDS.last(DAY))
    assert (1772323200000, 1772409599999) == (MILLISECONDS.first(DAY), MILLISECONDS.last(DAY))


def test_the_last_tick_lies_before_the_end_also_where_the_end_lies_within_a_tick() -> None:
    window = Window(start=DAY.start, end=DAY.start + timedelta(seconds=2, microseconds=1))
    assert SECONDS.first(DAY) + 2 == SECONDS.last(window)
    assert MILLISECONDS.first(DAY) + 2000 == MILLISECONDS.last(window)


@dataclass(slots=True, kw_only=True)
class FakeProbe:
    """Comes to what it is told, when it is let go."""

    outcomes: list[Finding | SourceError]
    count: int = 0
    running: int = 0
    most_running: int = 0
    go: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self) -> Finding:
        outcome = self.outcomes[self.count]
        self.count += 1
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.go.wait()
        finally:
            self.running -= 1
        if isinstance(outcome, SourceError):
            raise outcome
        return outcome


def ask(finder: UnitFinder, probe: Callable[[], Awaitable[Finding]]) -> "asyncio.Task[TimeUnit]":
    return asyncio.create_task(finder.unit(probe, inquire("zylon")))


CERTAIN = Finding(unit=SECONDS, is_certain=True)
UNCERTAIN = Finding(unit=MILLISECONDS, is_certain=False)


async def test_a_configured_unit_is_never_looked_for() -> None:
    probe = FakeProbe(outcomes=[])
    finder = UnitFinder(MILLISECONDS, lambda _unit: None)
    assert MILLISECONDS is await ask(finder, probe)


async def test_many_callers_wait_for_one_probe_and_its_finding_is_told_once_and_kept() -> None:
    told: list[TimeUnit] = []
    probe = FakeProbe(outcomes=[CERTAIN])
    finder = UnitFinder(None, told.append)
    callers = [ask(finder, probe) for _ in range(5)]
    await settle()
    probe.go.set()
    assert [SECONDS] * 5 == await asyncio.gather(*callers)
    assert SECONDS is await ask(finder, probe)
    assert (1, [SECONDS]) == (probe.count, told)


async def test_an_uncertain_finding_serves_those_who_waited_and_is_not_remembered() -> None:
    told: list[TimeUnit] = []
    probe = FakeProbe(outcomes=[UNCERTAIN, CERTAIN])
    finder = UnitFinder(None, told.append)
    callers = [ask(finder, probe) for _ in range(3)]
    await settle()
    probe.go.set()
    assert [MILLISECONDS] * 3 == await asyncio.gather(*callers)
    assert (1, []) == (probe.count, told)
    assert SECONDS is await ask(finder, probe)


async def test_a_failure_is_shared_by_those_who_waited_and_is_not_remembered() -> None:
    probe = FakeProbe(outcomes=[UnreachableError("no route"), CERTAIN])
    finder = UnitFinder(None, lambda _unit: None)
    callers = [ask(finder, probe) for _ in range(3)]
    await settle()
    probe.go.set()
    failures = await asyncio.gather(*callers, return_exceptions=True)
    assert [UnreachableError] * 3 == [type(failure) for failure in failures]
    assert ["no route"] * 3 == [str(failure) for failure in failures]
    # One error raised several times would carry everybody's traceback.
    assert 3 == len({id(failure) for failure in failures})
    assert 1 == probe.count
    assert SECONDS is await ask(finder, probe)


async def test_a_caller_that_ran_out_of_time_or_left_costs_the_others_nothing() -> None:
    probe = FakeProbe(outcomes=[CERTAIN, UpstreamTimeoutError("late"), CERTAIN])
    finder = UnitFinder(None, lambda _unit: None)
    callers = [ask(finder, probe) for _ in range(3)]
    await settle()
    callers[0].cancel()
    probe.go.set()
    gone, late, served = await asyncio.gather(*callers, return_exceptions=True)
    assert isinstance(gone, asyncio.CancelledError)
    assert isinstance(late, UpstreamTimeoutError)
    assert SECONDS is served
    assert 1 == probe.most_running


async def test_waiting_for_anothers_probe_ends_with_the_own_deadline() -> None:
    clock = VirtualClock()
    probe = FakeProbe(outcomes=[CERTAIN])
    finder = UnitFinder(None, lambda _unit: None)
    prober = ask(finder, probe)
    await settle()
    waiter = asyncio.create_task(finder.unit(probe, inquire("zylon", clock, seconds=2)))
    await settle()
    await clock.advance(2)
    with pytest.raises(UpstreamTimeoutError):
        await waiter
    probe.go.set()
    assert SECONDS is await prober
