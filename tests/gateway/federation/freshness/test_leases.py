"""One of several replicas asks for all."""

import asyncio
from typing import Any

import pytest

from gateway.federation.freshness.replicas import LOOK_AGAIN
from tests.clock import settle
from tests.fakes import a_call
from tests.gateway.federation.freshness.asking import JUST_STALE, LONG_STALE, Gated, ask, running, told
from tests.gateway.federation.freshness.replicated import Two
from unified.analytics.v1.freshness_pb2 import FRESHNESS_FRESH


async def test_one_replica_fetches_a_new_one_for_all(two: Two) -> None:
    """The other serves what it has meanwhile, and then what the first has brought."""
    await ask(two.one)
    await ask(two.other)
    await two.clock.advance(JUST_STALE)
    assert isinstance(two.here, Gated)
    two.here.gate.clear()
    two.here.begun.clear()
    await ask(two.one)
    await two.here.begun.wait()

    assert told(await ask(two.other)) == "ANSWERED 1"
    await settle()
    assert "revalidated crm left_to_another" in two.meter.said
    two.here.gate.set()
    await settle()
    await two.clock.advance(1)
    assert told(await ask(two.other)) == "ANSWERED 1"
    await settle()

    assert told(await ask(two.other)) == "ANSWERED 2"
    assert two.there.asked == []


async def test_it_is_not_looked_at_every_call_whether_the_other_replica_has_brought_it(two: Two) -> None:
    await ask(two.one)
    await ask(two.other)
    await two.clock.advance(JUST_STALE)
    two.shared.lend_all()

    for _ in range(5):
        assert told(await ask(two.other)) == "ANSWERED 1"
        await settle()
    assert two.meter.said.count("revalidated crm left_to_another") == 1
    await two.clock.advance(1)
    await ask(two.other)
    await settle()

    assert two.meter.said.count("revalidated crm left_to_another") == 2


async def test_who_joins_what_is_left_to_another_replica_gets_an_answer_all_the_same(two: Two) -> None:
    await ask(two.one)
    await ask(two.other)
    await two.clock.advance(JUST_STALE)
    two.shared.lend_all()
    await ask(two.other)

    assert told(await ask(two.other, FRESHNESS_FRESH)) == "ANSWERED 1"
    assert len(two.there.asked) == 1


async def test_with_nothing_at_hand_it_waits_for_the_replica_that_asks(two: Two) -> None:
    assert isinstance(two.here, Gated)
    two.here.gate.clear()
    async with running(ask(two.one)):
        await two.here.begun.wait()
        async with running(ask(two.other)) as answering:
            await settle()
            two.here.gate.set()
            await settle()
            await two.clock.advance(LOOK_AGAIN[0])

            assert told(await answering) == "ANSWERED 1"
    assert two.there.asked == []


async def test_it_does_not_wait_for_long(two: Two) -> None:
    """The replica that asks may have died."""
    await ask(two.one)
    await two.clock.advance(LONG_STALE)
    two.shared.lend_all()
    async with running(ask(two.other)) as answering:
        for seconds in LOOK_AGAIN:
            await settle()
            assert two.there.asked == []
            await two.clock.advance(seconds)

        assert told(await answering) == "ANSWERED 1"
    assert len(two.there.asked) == 1


async def test_it_keeps_time_to_ask_itself(two: Two) -> None:
    await ask(two.one)
    await two.clock.advance(LONG_STALE)
    two.shared.lend_all()
    async with running(ask(two.other, call=a_call(two.clock, seconds=0.3))) as answering:
        for seconds in LOOK_AGAIN[:2]:
            await settle()
            await two.clock.advance(seconds)

        assert told(await answering) == "ANSWERED 1"


@pytest.mark.parametrize("wish", [{"freshness": FRESHNESS_FRESH}, {"max_age": 0.0}], ids=["fresh", "no age"])
async def test_who_wants_a_new_one_waits_for_no_other_replica(two: Two, wish: dict[str, Any]) -> None:
    await ask(two.one)
    two.shared.lend_all()

    assert told(await ask(two.other, **wish)) == "ANSWERED 1"
    assert len(two.there.asked) == 1
    assert two.clock.slept == []


async def test_a_lease_is_given_up_when_the_question_is_answered_or_left(two: Two) -> None:
    await ask(two.one)
    assert two.shared.leases == {}
    assert isinstance(two.here, Gated)
    two.here.gate.clear()
    two.here.begun.clear()
    leaving = asyncio.create_task(ask(two.one, max_age=0, call=None, freshness=FRESHNESS_FRESH))
    await two.here.begun.wait()
    assert len(two.shared.leases) == 1

    leaving.cancel()
    await asyncio.wait([leaving])

    assert two.shared.leases == {}
