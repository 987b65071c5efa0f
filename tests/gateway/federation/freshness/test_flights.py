"""Equal questions at the same time are one question."""

import asyncio

import pytest
import structlog

from adapters.errors import UnreachableError, UpstreamTimeoutError
from adapters.query import EventsQuestion
from adapters.settings.freshness import FreshnessSettings
from gateway.federation.asking import MARGIN
from tests.clock import VirtualClock, settle
from tests.fakes import FakeEvents, a_call
from tests.gateway.federation.freshness.asking import OPEN, Counting, Gated, Numbers, ask, federated, running, told
from unified.analytics.v1.freshness_pb2 import FRESHNESS_CACHED, FRESHNESS_FRESH, FRESHNESS_STALE_IF_ERROR

LONGEST_SHARED = FreshnessSettings().longest_shared


async def test_a_thousand_callers_at_once_are_one_question() -> None:
    source, meter = Gated(), Counting()
    asked = federated(source, clock=VirtualClock(), meter=meter)
    callers = [asyncio.create_task(ask(asked)) for _ in range(1000)]
    await source.begun.wait()

    source.gate.set()
    answers = await asyncio.gather(*callers)

    assert {told(answer) for answer in answers} == {"ANSWERED 1"}
    assert len(source.asked) == 1
    assert meter.said.count("coalesced crm") == 999
    assert [each.count for each in asked.history("crm").counts] == [1]


async def test_whatever_they_want_of_its_age_they_share_what_is_under_way() -> None:
    source = Gated()
    asked = federated(source, clock=VirtualClock())
    wishes = [{}, {"max_age": 0.0}, {"freshness": FRESHNESS_FRESH}, {"freshness": FRESHNESS_STALE_IF_ERROR}]
    callers = [asyncio.create_task(ask(asked, **wish)) for wish in wishes]  # type: ignore[arg-type]  # as `ask` has it
    await source.begun.wait()

    source.gate.set()
    await asyncio.gather(*callers)

    assert len(source.asked) == 1


async def test_who_may_not_ask_does_not_wait_for_those_who_do() -> None:
    source = Gated()
    asked = federated(source, clock=VirtualClock())

    async with running(ask(asked)):
        await source.begun.wait()

        assert told(await ask(asked, FRESHNESS_CACHED)) == "FAILED CACHE_MISS"


async def test_a_failure_is_that_of_all_who_share_it() -> None:
    source = Gated()
    source.error = UnreachableError("No connection.")
    asked = federated(source, clock=VirtualClock())
    callers = [asyncio.create_task(ask(asked)) for _ in range(3)]
    await source.begun.wait()

    source.gate.set()

    assert {told(answer) for answer in await asyncio.gather(*callers)} == {"FAILED UPSTREAM_UNREACHABLE"}
    assert len(source.asked) == 1


async def test_the_first_caller_who_leaves_does_not_cancel_it_for_the_others() -> None:
    source = Gated()
    asked = federated(source, clock=VirtualClock())
    first = asyncio.create_task(ask(asked))
    await source.begun.wait()

    async with running(ask(asked)) as second:
        await settle()
        first.cancel()
        await asyncio.wait([first])
        source.gate.set()

        assert told(await second) == "ANSWERED 1"
    assert source.left == 0


async def test_the_last_caller_who_leaves_cancels_it() -> None:
    """And who comes then begins anew."""
    source = Gated()
    asked = federated(source, clock=VirtualClock())
    callers = [asyncio.create_task(ask(asked)) for _ in range(3)]
    await source.begun.wait()

    with structlog.testing.capture_logs() as logs:
        for caller in callers:
            caller.cancel()
        await asyncio.wait(callers)

    assert source.left == 1
    assert logs == []
    assert not asked.history("crm").counts
    source.gate.set()
    assert told(await ask(asked)) == "ANSWERED 1"


async def test_each_caller_leaves_at_its_own_time() -> None:
    clock, source = VirtualClock(), Gated()
    asked = federated(source, clock=clock)

    async with running(ask(asked, call=a_call(clock, seconds=2))) as hasty:
        await source.begun.wait()
        async with running(ask(asked, call=a_call(clock, seconds=20))) as patient:
            await settle()
            await clock.advance(2)
            assert told(await hasty) == "TIMED_OUT UPSTREAM_TIMEOUT"
            source.gate.set()

            assert told(await patient) == "ANSWERED 1"
    assert source.left == 0
    assert len(asked.history("crm").counts) == 1


async def test_who_joins_gives_the_question_more_time() -> None:
    clock, source = VirtualClock(), Gated()
    asked = federated(source, clock=clock)

    async with running(ask(asked, call=a_call(clock, seconds=2))):
        await source.begun.wait()
        (inquiry,) = source.inquiries
        had = inquiry.remaining()
        async with running(ask(asked, call=a_call(clock, seconds=20))):
            await settle()

            assert (had, inquiry.remaining()) == pytest.approx((1.8 - MARGIN, 19.75 - MARGIN))


async def test_nobody_gives_it_more_time_than_the_policy_of_the_source() -> None:
    clock, source = VirtualClock(), Gated()
    asked = federated(source, clock=clock)

    async with running(ask(asked, call=a_call(clock, seconds=2))):
        await source.begun.wait()
        async with running(ask(asked, call=a_call(clock, seconds=600))):
            await settle()

            assert source.inquiries[0].remaining() == pytest.approx(LONGEST_SHARED - MARGIN)


async def test_who_is_alone_with_a_question_has_all_of_its_own_time() -> None:
    clock, source = VirtualClock(), Gated()
    asked = federated(source, clock=clock)

    async with running(ask(asked, call=a_call(clock, seconds=600))):
        await source.begun.wait()

        assert source.inquiries[0].remaining() == pytest.approx(599.75 - MARGIN)


async def test_a_question_that_hangs_is_not_joined_for_ever() -> None:
    clock, source = VirtualClock(), Gated()
    asked = federated(source, clock=clock)

    async with running(ask(asked, call=a_call(clock, seconds=40))):
        await source.begun.wait()
        await clock.advance(30)
        async with running(ask(asked, call=a_call(clock, seconds=40))):
            await settle()
            assert len(source.inquiries) == 1
            await clock.advance(31)
            async with running(ask(asked)):
                await settle()

                assert len(source.inquiries) == 2


async def test_a_question_whose_last_caller_ran_out_of_time_has_timed_out_once() -> None:
    clock, source = VirtualClock(), Gated()
    asked = federated(source, clock=clock)
    callers = [asyncio.create_task(ask(asked)) for _ in range(3)]
    await source.begun.wait()

    await clock.advance(10)
    await asyncio.gather(*callers)

    assert [each.count for each in asked.history("crm").counts] == [1]
    assert source.left == 1


async def test_a_call_is_told_how_long_it_has_waited_for_its_slowest_source() -> None:
    clock, slow, quick = VirtualClock(), Gated("slow"), Gated("quick")
    asked = federated(slow, quick, clock=clock)
    call = a_call(clock)

    async with running(ask(asked, call=call)) as answering:
        await slow.begun.wait()
        await quick.begun.wait()
        await clock.advance(1)
        quick.gate.set()
        await clock.advance(2)
        slow.gate.set()
        await answering

    assert call.waited == pytest.approx(3)


async def test_who_joins_has_waited_only_since_then() -> None:
    clock, source = VirtualClock(), Gated()
    asked = federated(source, clock=clock)

    async with running(ask(asked)):
        await source.begun.wait()
        await clock.advance(2)
        late = a_call(clock)
        async with running(ask(asked, call=late)) as answering:
            await settle()
            await clock.advance(1)
            source.gate.set()
            await answering

    assert late.waited == pytest.approx(1)


async def test_who_gets_what_is_at_hand_has_waited_for_nobody() -> None:
    clock = VirtualClock()
    asked = federated(Numbers(), clock=clock)
    await ask(asked)
    call, before = a_call(clock), asyncio.all_tasks()

    await ask(asked, call=call)

    assert call.waited == 0
    assert asyncio.all_tasks() == before


async def test_who_leaves_early_has_waited_until_then() -> None:
    clock, source = VirtualClock(), Gated()
    asked = federated(source, clock=clock)
    call = a_call(clock)

    async with running(ask(asked, call=call)) as answering:
        await source.begun.wait()
        await clock.advance(9.75)
        await answering

    assert call.waited == pytest.approx(9.75)


async def test_equal_pages_of_events_are_one_question_for_a_few_seconds() -> None:
    clock, docs = VirtualClock(), FakeEvents("docs", 3)
    asked = federated(docs, clock=clock)
    question = EventsQuestion(window=OPEN)

    first = await ask(asked, question=question)
    again = await ask(asked, question=question)
    await clock.advance(60)
    await ask(asked, question=question)

    assert first.pages()["docs"] is again.pages()["docs"]
    assert len(docs.asked) == 2


async def test_a_source_that_cancels_itself_has_failed_and_nobody_hangs() -> None:
    source = Gated()
    source.error = asyncio.CancelledError()  # type: ignore[assignment]  # what it should never raise
    source.gate.set()
    asked = federated(source, clock=VirtualClock())

    with structlog.testing.capture_logs() as logs:
        assert told(await ask(asked)) == "FAILED INTERNAL"

    assert [entry["event"] for entry in logs] == ["source_fault"]


async def test_a_source_out_of_time_of_its_own_has_timed_out() -> None:
    source = Numbers()
    source.error = UpstreamTimeoutError("Late.")
    asked = federated(source, clock=VirtualClock())

    assert told(await ask(asked)) == "TIMED_OUT UPSTREAM_TIMEOUT"
