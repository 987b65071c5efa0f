"""How old an answer is, and how long it may be given again."""

from dataclasses import replace

import pytest

from adapters.errors import UnreachableError
from adapters.inquiry import Inquiry
from adapters.settings import SourceSettings
from gateway.federation import Federation
from gateway.pipeline.shelf import ShelfLife
from tests.clock import VirtualClock
from tests.fakes import DeadSource, a_call, opened
from tests.gateway.federation.freshness.asking import FRESH_FOR, Gated, Numbers, ask, federated, running
from tests.gateway.federation.freshness.replicated import Two
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED, FRESHNESS_FRESH, FRESHNESS_STALE_IF_ERROR

HOUR = 3600


async def shelf(asked: Federation, **wish: object) -> ShelfLife | None:
    call = a_call(asked.clock)
    await ask(asked, call=call, **wish)  # type: ignore[arg-type]  # as `ask` has it
    return call.shelf


async def test_it_keeps_until_the_first_of_its_observations_ceases_to_be_fresh() -> None:
    clock = VirtualClock()
    asked = federated(Numbers(), clock=clock)
    began = clock.monotonic()

    first = await shelf(asked)
    await clock.advance(100)
    again = await shelf(asked)

    assert first is not None
    assert again is not None
    assert (again.observed, again.fresh_until, again.repeatable) == (began, began + FRESH_FOR, True)
    assert (first.observed, first.fresh_until) == (again.observed, again.fresh_until)
    assert again.is_good(clock.monotonic())
    assert not again.is_good(began + FRESH_FOR)


async def test_it_does_not_keep_where_a_source_failed() -> None:
    assert await shelf(federated(Numbers("one"), DeadSource("two"), clock=VirtualClock())) is None


async def test_it_does_not_keep_where_the_policy_is_to_keep_nothing() -> None:
    clock = VirtualClock()
    nothing = {"totals": 0, "revalidate": 0, "keep": 0}
    settings = SourceSettings.model_validate({"kind": "fake", "cache": nothing})
    source = replace(opened(Numbers())["crm"], settings=settings)

    assert await shelf(Federation({"crm": source}, clock)) is None


async def test_it_keeps_no_longer_than_the_caller_allows() -> None:
    clock = VirtualClock()
    kept = await shelf(federated(Numbers(), clock=clock), max_age=5.0)

    assert kept is not None
    assert kept.fresh_until == clock.monotonic() + 5


async def test_it_does_not_outlive_the_day() -> None:
    """At midnight an equal request begins to ask about another window."""
    clock = VirtualClock()
    await clock.advance(12 * HOUR - 60)

    kept = await shelf(federated(Numbers(), clock=clock))

    assert kept is not None
    assert kept.fresh_until == clock.monotonic() + 60


async def test_what_was_asked_before_midnight_and_came_behind_it_is_not_repeated() -> None:
    class Slow(Numbers):
        async def ready(self, inquiry: Inquiry, question: object = None) -> None:
            await super().ready(inquiry, question)
            await clock.advance(2)

    clock = VirtualClock()
    await clock.advance(12 * HOUR - 1)

    kept = await shelf(federated(Slow(), clock=clock))

    assert kept is not None
    assert not kept.is_good(clock.monotonic())


async def test_what_each_caller_wants_anew_is_not_repeated() -> None:
    kept = await shelf(federated(Numbers(), clock=VirtualClock()), freshness=FRESHNESS_FRESH)

    assert kept is not None
    assert not kept.repeatable
    assert not kept.is_good(kept.observed)


@pytest.mark.parametrize("wish", [{}, {"max_age": 1000.0}, {"freshness": FRESHNESS_CACHED}])
async def test_what_is_no_longer_fresh_has_an_age_and_is_not_repeated(wish: dict[str, object]) -> None:
    clock = VirtualClock()
    asked = federated(Numbers(), clock=clock)
    began = clock.monotonic()
    await ask(asked)
    await clock.advance(FRESH_FOR)

    stale = await shelf(asked, **wish)

    assert stale is not None
    assert (stale.observed, stale.fresh_until) == (began, began + FRESH_FOR)
    assert not stale.is_good(clock.monotonic())


async def test_an_answer_is_as_old_as_its_oldest_part_and_fresh_no_longer_than_that() -> None:
    clock, one, two = VirtualClock(), Numbers("one"), Numbers("two")
    began = clock.monotonic()
    asked = federated(one, two, clock=clock)
    two.error = UnreachableError("No connection.")
    await ask(asked)
    two.error = None
    await clock.advance(100)
    await ask(asked)
    await clock.advance(FRESH_FOR - 100)

    mixed = await shelf(asked)

    assert mixed is not None
    assert (mixed.observed, mixed.fresh_until) == (began, began + FRESH_FOR)
    assert not mixed.is_good(clock.monotonic())


async def test_what_stands_in_has_an_age_and_is_not_repeated() -> None:
    clock, source = VirtualClock(), Numbers()
    asked = federated(source, clock=clock)
    began = clock.monotonic()
    await ask(asked)
    source.error = UnreachableError("No connection.")
    await clock.advance(FRESH_FOR)

    stale = await shelf(asked, freshness=FRESHNESS_STALE_IF_ERROR)

    assert stale is not None
    assert (stale.observed, stale.fresh_until) == (began, began + FRESH_FOR)
    assert not stale.is_good(clock.monotonic())


async def test_what_stands_in_is_not_repeated_even_if_it_came_while_its_source_failed(two: Two) -> None:
    """Somebody who may not ask brings over what another replica has, meanwhile."""
    assert isinstance(two.there, Gated)
    two.there.gate.clear()
    two.there.error = UnreachableError("No connection.")
    await ask(two.one)
    two.shared.is_down = True
    async with running(shelf(two.other, freshness=FRESHNESS_STALE_IF_ERROR)) as answering:
        await two.there.begun.wait()
        two.shared.is_down = False
        await ask(two.other, FRESHNESS_CACHED)
        two.there.gate.set()
        stood_in = await answering

    assert stood_in is not None
    assert stood_in.fresh_until > two.clock.monotonic()
    assert not stood_in.is_good(two.clock.monotonic())


async def test_it_ends_when_a_newer_observation_takes_the_place_of_one() -> None:
    clock = VirtualClock()
    asked = federated(Numbers(), clock=clock)
    kept = await shelf(asked)
    assert kept is not None
    assert kept.is_good(clock.monotonic())

    await ask(asked, FRESHNESS_FRESH)

    assert not kept.is_good(clock.monotonic())


async def test_what_is_too_large_to_be_kept_does_not_keep() -> None:
    assert await shelf(federated(Numbers(), clock=VirtualClock(), memory_bytes=1000)) is None
