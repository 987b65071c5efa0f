"""By whom a value is fetched, and what those are told who wait for it."""

import asyncio
import gc
import traceback
import weakref
from datetime import timedelta

import pytest

from adapters.errors import (
    CredentialRefusedError,
    RateLimitedError,
    SourceError,
    UnreachableError,
    UpstreamTimeoutError,
)
from adapters.inquiry import Inquiry
from adapters.transport import Lease, Renewal
from tests.adapters.transport.leasing import DOWN, PAUSE, held_renewal, lease, renewal_of
from tests.adapters.transport.playing import an_inquiry
from tests.adapters.transport.waiting import no_complaints
from tests.clock import VirtualClock


async def test_a_value_is_fetched_when_it_is_first_wanted_and_then_at_hand() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first"))
    assert renewal.lease is None

    values = [await renewal.get(an_inquiry(clock)) for _ in range(3)]

    assert values == ["first"] * 3
    assert len(upstream.asked) == 1
    assert renewal.lease == lease("first")


async def test_one_fetch_serves_a_thousand_who_wait() -> None:
    clock = VirtualClock()
    renewal, work = held_renewal(clock)
    waiting = [asyncio.create_task(renewal.get(an_inquiry(clock))) for _ in range(1000)]
    await work.under_way()

    work.end(lease("first"))

    assert await asyncio.gather(*waiting) == ["first"] * 1000
    assert work.begun == 1


async def test_a_fetch_has_its_own_time_and_each_who_waits_leaves_at_its_own() -> None:
    clock = VirtualClock()
    renewal, work = held_renewal(clock)
    hasty, patient = (asyncio.create_task(renewal.get(an_inquiry(clock, seconds=time))) for time in (1, 4))
    await work.under_way()

    await clock.advance(1)
    with pytest.raises(UpstreamTimeoutError, match="time passed while the credential or address was being fetched"):
        await hasty
    await clock.advance(2)
    work.end(lease("first"))

    assert await patient == "first"


async def test_a_fetch_that_takes_longer_than_it_is_allowed_is_a_failure_for_all() -> None:
    clock = VirtualClock()
    renewal, work = held_renewal(clock)
    async with no_complaints():
        waiting = [asyncio.create_task(renewal.get(an_inquiry(clock))) for _ in range(3)]
        await work.under_way()

        await clock.advance(5)
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert {(type(outcome), str(outcome)) for outcome in outcomes} == {
        (UpstreamTimeoutError, "The credential or address did not come within 5 s.")
    }
    assert work.cancelled == 1


async def test_a_fetch_ends_when_the_last_who_waits_leaves_and_is_begun_anew_by_the_next() -> None:
    clock = VirtualClock()
    renewal, work = held_renewal(clock)
    async with no_complaints():
        waiting = [asyncio.create_task(renewal.get(an_inquiry(clock))) for _ in range(3)]
        await work.under_way()
        for one in waiting:
            one.cancel()
        await asyncio.wait(waiting)
    assert (work.begun, work.cancelled) == (1, 1)

    late = asyncio.create_task(renewal.get(an_inquiry(clock)))
    await work.under_way()
    work.end(lease("second"))

    assert await late == "second"


async def test_one_who_leaves_does_not_disturb_the_others() -> None:
    clock = VirtualClock()
    renewal, work = held_renewal(clock)
    leaving, staying = (asyncio.create_task(renewal.get(an_inquiry(clock))) for _ in range(2))
    await work.under_way()

    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    work.end(lease("first"))

    assert await staying == "first"
    assert work.cancelled == 0


async def test_a_failure_is_told_to_all_who_wait_in_words_of_their_own() -> None:
    clock = VirtualClock()
    renewal, work = held_renewal(clock)
    async with no_complaints():
        waiting = [asyncio.create_task(renewal.get(an_inquiry(clock))) for _ in range(3)]
        await work.under_way()
        work.end(DOWN)
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)

    assert [str(outcome) for outcome in outcomes] == [str(DOWN)] * 3
    assert len({id(outcome) for outcome in outcomes}) == 3


async def test_a_failure_is_not_repeated_within_the_pause_and_says_how_much_of_it_is_left() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, CredentialRefusedError("Refused."), lease("second"))
    left = []
    for _ in range(3):
        with pytest.raises(CredentialRefusedError, match=r"Refused\.") as failed:
            await renewal.get(an_inquiry(clock))
        left.append(failed.value.retry_after)
        await clock.advance(4)

    assert left == [timedelta(seconds=seconds) for seconds in (10, 6, 2)]
    assert len(upstream.asked) == 1
    assert await renewal.get(an_inquiry(clock)) == "second"


@pytest.mark.parametrize(("asked", "pause"), [(3, 10), (60, 60), (10**9, 300)])
async def test_an_upstream_that_asks_for_a_longer_pause_gets_it_within_reason(asked: float, pause: float) -> None:
    clock = VirtualClock()
    renewal, _ = renewal_of(clock, RateLimitedError("Too often.", retry_after=timedelta(seconds=asked)))

    with pytest.raises(RateLimitedError) as failed:
        await renewal.get(an_inquiry(clock))

    assert failed.value.retry_after == timedelta(seconds=pause)


async def test_who_has_no_time_left_begins_no_fetch() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first"))

    with pytest.raises(UpstreamTimeoutError, match="time passed"):
        await renewal.get(an_inquiry(clock, seconds=0))

    assert upstream.asked == []


async def test_what_was_refused_is_fetched_anew_once_for_all_who_were_refused() -> None:
    clock = VirtualClock()
    renewal, work = held_renewal(clock)
    first = asyncio.create_task(renewal.get(an_inquiry(clock)))
    await work.under_way()
    work.end(lease("first"))
    await first
    await clock.advance(PAUSE)

    refused = [asyncio.create_task(renewal.refused("first", an_inquiry(clock))) for _ in range(3)]
    await work.under_way()
    work.end(lease("second"))

    assert await asyncio.gather(*refused) == [True] * 3
    assert await renewal.refused("first", an_inquiry(clock)) is True  # who is told late has another at once
    assert await renewal.get(an_inquiry(clock)) == "second"
    assert work.begun == 2


async def test_a_fresh_one_that_is_refused_is_not_renewed_and_stays() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first"), lease("second"))
    await renewal.get(an_inquiry(clock))
    await clock.advance(PAUSE - 1)

    assert await renewal.refused("first", an_inquiry(clock)) is False
    assert await renewal.get(an_inquiry(clock)) == "first"
    assert len(upstream.asked) == 1

    await clock.advance(1)
    assert await renewal.refused("first", an_inquiry(clock)) is True


async def test_the_same_again_is_no_other() -> None:
    clock = VirtualClock()
    renewal, _ = renewal_of(clock, lease("first"), lease("first"))
    await renewal.get(an_inquiry(clock))
    await clock.advance(PAUSE)

    assert await renewal.refused("first", an_inquiry(clock)) is False


async def test_what_was_refused_is_not_used_on_even_if_no_other_can_be_had() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first"), DOWN)
    await renewal.get(an_inquiry(clock))
    await clock.advance(PAUSE)

    with pytest.raises(UnreachableError):
        await renewal.refused("first", an_inquiry(clock))
    with pytest.raises(UnreachableError):
        await renewal.get(an_inquiry(clock))

    assert renewal.lease is None
    assert len(upstream.asked) == 2


async def test_a_fetch_has_all_of_its_time_however_little_its_caller_has() -> None:
    clock = VirtualClock()
    renewal, upstream = renewal_of(clock, lease("first"))

    await renewal.get(an_inquiry(clock, seconds=0.1))

    assert upstream.asked == [5]


async def test_nothing_shows_a_value() -> None:
    clock = VirtualClock()
    secret = "s3cret"
    renewal, _ = renewal_of(clock, lease(secret), DOWN)
    await renewal.get(an_inquiry(clock))
    await clock.advance(PAUSE)

    with pytest.raises(SourceError) as failed:
        await renewal.refused(secret, an_inquiry(clock))

    assert secret not in "".join(traceback.format_exception(failed.value)) + repr(renewal) + repr(lease(secret))
    assert (failed.value.__cause__, failed.value.__context__) == (None, None)


async def test_a_mistake_of_ours_is_not_mistaken_for_an_upstreams() -> None:
    clock = VirtualClock()
    renewal, _ = renewal_of(clock, KeyError("a bug"), lease("first"))

    with pytest.raises(KeyError):
        await renewal.get(an_inquiry(clock))

    assert await renewal.get(an_inquiry(clock)) == "first"


async def test_a_failure_that_is_remembered_keeps_nothing_alive_of_the_fetch() -> None:
    class Body:
        """What a fetch had in hand."""

    bodies: list[weakref.ref[Body]] = []

    async def fetch(_: Inquiry) -> Lease[str]:
        body = Body()
        bodies.append(weakref.ref(body))
        raise UnreachableError("The token endpoint is down.")

    clock = VirtualClock()
    renewal = Renewal(fetch, source="played", clock=clock, allowed=5)
    with pytest.raises(UnreachableError):
        await renewal.get(an_inquiry(clock))
    gc.collect()

    assert [body() for body in bodies] == [None]
    assert renewal.lease is None
