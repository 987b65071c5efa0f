"""What one replica has observed, the others use."""

import asyncio

from adapters.errors import UnreachableError
from adapters.query import EventsQuestion
from gateway.federation.freshness.replicas import LOOK_AGAIN
from tests.clock import VirtualClock, settle
from tests.fakes import FakeEvents, a_call
from tests.gateway.federation.freshness.asking import JUST_STALE, LONG_STALE, OPEN, Gated, ask, federated, told
from tests.gateway.federation.freshness.replicated import Shared, Two
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED, FRESHNESS_FRESH, FRESHNESS_STALE_IF_ERROR


async def test_what_one_has_observed_the_other_need_not_ask(two: Two) -> None:
    await ask(two.one)
    await two.clock.advance(100)

    answer = await ask(two.other)

    assert told(answer) == "ANSWERED 1"
    assert two.there.asked == []
    assert two.meter.said == ["looked_up crm memory miss", "looked_up crm shared fresh"]
    assert not two.other.history("crm").counts


async def test_it_is_as_old_there_as_it_is_here(two: Two) -> None:
    await ask(two.one)
    await two.clock.advance(100)
    await ask(two.other)
    await two.clock.advance(100)

    assert told(await ask(two.other, max_age=200)) == "ANSWERED 1"
    assert told(await ask(two.other, FRESHNESS_CACHED, max_age=199)) == "FAILED CACHE_MISS"


async def test_what_comes_from_a_clock_that_is_ahead_has_just_been_observed(two: Two) -> None:
    ahead = VirtualClock()
    await ahead.advance(7)
    await ask(federated(two.here, clock=ahead, shared=two.shared))

    assert told(await ask(two.other, max_age=1)) == "ANSWERED 1"
    assert two.there.asked == []
    await two.clock.advance(JUST_STALE)
    assert told(await ask(two.other, FRESHNESS_CACHED)) == "STALE 1 UPSTREAM_NOT_ASKED"


async def test_it_does_not_grow_young_each_time_it_is_looked_at_by_a_clock_that_is_behind(two: Two) -> None:
    """As all clocks are after one has been put back."""
    ahead = VirtualClock()
    await ahead.advance(1000)
    await ask(federated(two.here, clock=ahead, shared=two.shared))
    await ask(two.other)
    assert two.there.asked == []
    await two.clock.advance(LONG_STALE)

    await ask(two.other)

    assert len(two.there.asked) == 1


async def test_a_thousand_callers_of_two_replicas_are_one_question(two: Two) -> None:
    assert isinstance(two.here, Gated)
    two.here.gate.clear()
    callers = [asyncio.create_task(ask(two.one)) for _ in range(500)]
    await two.here.begun.wait()
    callers += [asyncio.create_task(ask(two.other)) for _ in range(500)]
    await settle()
    two.here.gate.set()
    await settle()
    await two.clock.advance(LOOK_AGAIN[0])

    answers = await asyncio.gather(*callers)

    assert {told(answer) for answer in answers} == {"ANSWERED 1"}
    assert (len(two.here.asked), two.there.asked) == (1, [])


async def test_a_replica_without_memory_uses_what_others_have_and_keeps_nothing(two: Two) -> None:
    await ask(two.one)
    forgetful = federated(two.there, clock=two.clock, shared=two.shared, memory_bytes=0)
    call = a_call(two.clock)

    assert told(await ask(forgetful, call=call)) == "ANSWERED 1"
    assert call.shelf is None
    assert told(await ask(forgetful, FRESHNESS_CACHED)) == "ANSWERED 1"
    assert two.there.asked == []


async def test_what_is_too_old_for_the_caller_is_asked_for(two: Two) -> None:
    await ask(two.one)
    await two.clock.advance(100)

    assert told(await ask(two.other, max_age=99)) == "ANSWERED 1"
    assert len(two.there.asked) == 1


async def test_who_wants_a_new_one_gets_a_new_one(two: Two) -> None:
    await ask(two.one)
    await ask(two.other, FRESHNESS_FRESH)

    assert len(two.there.asked) == 1


async def test_who_may_not_ask_gets_what_another_replica_has(two: Two) -> None:
    assert told(await ask(two.other, FRESHNESS_CACHED)) == "FAILED CACHE_MISS"
    await ask(two.one)
    await two.clock.advance(LONG_STALE)

    assert told(await ask(two.other, FRESHNESS_CACHED)) == "STALE 1 UPSTREAM_NOT_ASKED"
    assert two.there.asked == []


async def test_what_another_replica_has_stands_in_for_a_failure(two: Two) -> None:
    await ask(two.one)
    await two.clock.advance(LONG_STALE)
    two.there.error = UnreachableError("No connection.")

    assert told(await ask(two.other, FRESHNESS_STALE_IF_ERROR)) == "STALE 1 UPSTREAM_UNREACHABLE"


async def test_what_is_shared_never_takes_the_place_of_what_is_newer(two: Two) -> None:
    await ask(two.one)
    await two.clock.advance(100)
    two.shared.is_down = True
    await ask(two.other)
    two.shared.is_down = False
    two.there.error = UnreachableError("No connection.")
    await two.clock.advance(50)
    await ask(two.other, max_age=10)

    assert told(await ask(two.other, max_age=50)) == "ANSWERED 1"


async def test_when_sharing_is_down_each_asks_for_itself(two: Two) -> None:
    two.shared.is_down = True

    await ask(two.one)
    await ask(two.other)

    assert (len(two.here.asked), len(two.there.asked)) == (1, 1)
    assert told(await ask(two.other)) == "ANSWERED 1"


async def test_a_value_that_makes_no_sense_is_none(two: Two) -> None:
    await ask(two.one)
    two.shared.values = {key: (end, b"nonsense") for key, (end, _) in two.shared.values.items()}

    assert told(await ask(two.other)) == "ANSWERED 1"
    assert len(two.there.asked) == 1


async def test_failures_are_not_shared(two: Two) -> None:
    two.here.error = UnreachableError("No connection.")

    await ask(two.one)

    assert two.shared.values == {}


async def test_pages_of_events_stay_in_their_process() -> None:
    clock = VirtualClock()
    shared = Shared(clock)
    asked = federated(FakeEvents("docs", 3), clock=clock, shared=shared)

    await ask(asked, question=EventsQuestion(window=OPEN))

    assert (shared.values, shared.leases) == ({}, {})


async def test_who_may_not_ask_does_not_ask_for_a_page_of_events_either() -> None:
    clock, docs = VirtualClock(), FakeEvents("docs", 3)
    asked = federated(docs, clock=clock, shared=Shared(clock))

    assert told(await ask(asked, FRESHNESS_CACHED, question=EventsQuestion(window=OPEN))) == "FAILED CACHE_MISS"
    assert docs.asked == []
