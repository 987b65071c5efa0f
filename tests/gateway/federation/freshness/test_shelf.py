"""How long an answer may be given again."""

import pytest

from adapters.errors import UnreachableError
from gateway.federation import Federation
from gateway.pipeline.shelf import ShelfLife
from tests.clock import VirtualClock
from tests.fakes import DeadSource, a_call
from tests.gateway.federation.freshness.asking import FRESH_FOR, Numbers, ask, federated
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


async def test_what_each_caller_wants_anew_is_not_repeated() -> None:
    kept = await shelf(federated(Numbers(), clock=VirtualClock()), freshness=FRESHNESS_FRESH)

    assert kept is not None
    assert not kept.repeatable
    assert not kept.is_good(kept.observed)


@pytest.mark.parametrize("wish", [{}, {"max_age": 1000.0}, {"freshness": FRESHNESS_CACHED}])
async def test_what_is_no_longer_fresh_does_not_keep(wish: dict[str, object]) -> None:
    clock = VirtualClock()
    asked = federated(Numbers(), clock=clock)
    await ask(asked)
    await clock.advance(FRESH_FOR)

    assert await shelf(asked, **wish) is None


async def test_what_stands_in_does_not_keep() -> None:
    clock, source = VirtualClock(), Numbers()
    asked = federated(source, clock=clock)
    await ask(asked)
    source.error = UnreachableError("No connection.")
    await clock.advance(FRESH_FOR)

    assert await shelf(asked, freshness=FRESHNESS_STALE_IF_ERROR) is None


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
