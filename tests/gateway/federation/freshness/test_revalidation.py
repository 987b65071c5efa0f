"""What has just ceased to be fresh is used once more, and a new one fetched in the background."""

import pytest

from adapters.errors import (
    UnreachableError,
)
from gateway.federation.freshness import observatory
from tests.clock import VirtualClock, settle
from tests.gateway.federation.freshness.asking import (
    JUST_STALE,
    Counting,
    Gated,
    Numbers,
    ask,
    federated,
    just_stale,
    running,
    told,
)
from unified.analytics.v1.freshness_pb2 import (
    FRESHNESS_FRESH,
)


async def test_what_has_just_ceased_to_be_fresh_is_served_once_more_while_a_new_one_is_fetched() -> None:
    clock, source, meter = VirtualClock(), Gated(), Counting()
    asked = await just_stale(source, clock, meter=meter)

    assert told(await ask(asked)) == "ANSWERED 1"
    assert told(await ask(asked)) == "ANSWERED 1"
    source.gate.set()
    await settle()
    assert told(await ask(asked)) == "ANSWERED 2"
    assert len(source.asked) == 2
    assert meter.said.count("revalidated crm answered") == 1


async def test_when_a_new_one_cannot_be_fetched_the_next_caller_asks_and_is_told_why() -> None:
    clock, source, meter = VirtualClock(), Numbers(), Counting()
    asked = federated(source, clock=clock, meter=meter)
    await ask(asked)
    source.error = UnreachableError("No connection.")
    await clock.advance(JUST_STALE)

    assert told(await ask(asked)) == "ANSWERED 1"
    await settle()
    assert told(await ask(asked)) == "FAILED UPSTREAM_UNREACHABLE"
    assert meter.said.count("revalidated crm failed") == 1
    assert asked.history("crm").last_failure.status.message == "No connection."


async def test_a_caller_who_wants_a_new_one_shares_what_is_fetched_in_the_background() -> None:
    clock, source = VirtualClock(), Gated()
    asked = await just_stale(source, clock)
    await ask(asked)

    async with running(ask(asked, FRESHNESS_FRESH)) as answering:
        await settle()
        source.gate.set()

        assert told(await answering) == "ANSWERED 2"
    assert len(source.asked) == 2


async def test_only_so_many_are_fetched_in_the_background_and_the_rest_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(observatory, "MOST_REVALIDATIONS", 1)
    clock, one, two = VirtualClock(), Gated("one"), Gated("two")
    one.gate.set()
    two.gate.set()
    asked = federated(one, two, clock=clock)
    await ask(asked)
    await clock.advance(JUST_STALE)
    one.gate.clear()

    await ask(asked)
    assert len(two.asked) == 2
    one.gate.set()
    await settle()
    await clock.advance(JUST_STALE)
    await ask(asked)
    await settle()

    assert (len(one.asked), len(two.asked)) == (3, 3)


async def test_what_is_fetched_in_the_background_ends_with_the_federation() -> None:
    clock, source = VirtualClock(), Gated()
    asked = await just_stale(source, clock)
    await ask(asked)
    await source.begun.wait()

    await asked.close()

    assert source.left == 1
