"""Work that is done once for all who want it, and not at all for nobody."""

import asyncio

import pytest

from adapters.errors import UnreachableError
from adapters.transport.single_flight import SingleFlight
from tests.adapters.transport.waiting import Work, no_complaints


async def joined(flight: SingleFlight[str], work: Work[str], number: int) -> list[asyncio.Task[str]]:
    """So many who wait for the work, which has begun."""
    waiting = [asyncio.create_task(flight.join()) for _ in range(number)]
    await work.under_way()
    return waiting


async def test_all_who_join_get_what_was_done_once() -> None:
    work = Work[str]()
    waiting = await joined(SingleFlight(work), work, 1000)

    work.end("done")

    assert await asyncio.gather(*waiting) == ["done"] * 1000
    assert work.begun == 1


async def test_who_comes_after_the_end_has_it_done_again() -> None:
    work = Work[str]()
    flight = SingleFlight(work)
    for outcome in ("first", "second"):
        (waiting,) = await joined(flight, work, 1)
        work.end(outcome)
        assert await waiting == outcome


async def test_a_failure_reaches_all_and_the_next_begins_anew() -> None:
    work = Work[str]()
    flight = SingleFlight(work)
    async with no_complaints():
        waiting = await joined(flight, work, 3)
        work.end(UnreachableError("No connection."))
        outcomes = await asyncio.gather(*waiting, return_exceptions=True)
        assert [str(outcome) for outcome in outcomes] == ["No connection."] * 3

        (waiting_again,) = await joined(flight, work, 1)
        work.end("done")
        assert await waiting_again == "done"


async def test_one_who_leaves_does_not_disturb_the_others() -> None:
    work = Work[str]()
    leaving, staying = await joined(SingleFlight(work), work, 2)

    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    work.end("done")

    assert await staying == "done"


async def test_the_last_who_leaves_has_seen_the_work_end() -> None:
    begun = asyncio.Event()
    closed = False

    async def work() -> None:
        nonlocal closed
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            for _ in range(10):
                await asyncio.sleep(0)
            closed = True

    flight = SingleFlight(work)
    waiting = asyncio.create_task(flight.join())
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert closed


async def test_work_that_fails_while_it_is_cancelled_bothers_nobody() -> None:
    begun = asyncio.Event()

    async def work() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise UnreachableError("It broke on the way out.")

    async def join_and_leave() -> None:
        waiting = asyncio.create_task(SingleFlight(work).join())
        await begun.wait()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    async with no_complaints():
        await join_and_leave()


async def test_who_comes_while_cancelled_work_is_on_its_way_out_begins_anew() -> None:
    rounds = 0
    begun, leaving, may_leave = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def work() -> int:
        nonlocal rounds
        rounds += 1
        begun.set()
        if rounds == 1:
            try:
                await asyncio.Event().wait()
            finally:
                leaving.set()
                await may_leave.wait()
        return rounds

    flight = SingleFlight(work)
    first = asyncio.create_task(flight.join())
    await begun.wait()
    first.cancel()
    await leaving.wait()

    assert await flight.join() == 2

    may_leave.set()
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_work_that_somebody_else_cancels_does_not_look_like_a_cancelled_caller() -> None:
    async def work() -> None:
        raise asyncio.CancelledError

    with pytest.raises(RuntimeError, match="cancelled by somebody else"):
        await SingleFlight(work).join()
