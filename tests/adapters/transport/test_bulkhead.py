"""Places for so many questions at once, and who waits for one."""

import asyncio
from datetime import timedelta

import pytest

from adapters.errors import BulkheadFullError
from adapters.inquiry import Inquiry
from adapters.settings import LimitSettings
from adapters.transport.bulkhead import Bulkhead
from tests.adapters.transport.noting import Noting
from tests.clock import VirtualClock, settle


class Crowd:
    """A bulkhead, and those who have come to it: `inside` has their names, in the order in which they entered."""

    def __init__(self, *, concurrency: int = 1, queue: int = 10) -> None:
        self.clock = VirtualClock()
        self.noted = Noting()
        self.bulkhead = Bulkhead(LimitSettings(concurrency=concurrency, queue=queue), meter=self.noted)
        self.inside: list[str] = []
        self.inquiries: dict[str, Inquiry] = {}

    async def come(self, name: str, *, seconds: float = 60) -> asyncio.Task[None]:
        """Somebody who wants a place, and has it or stands in line by the time that this returns."""
        inquiry = Inquiry(source="crm", clock=self.clock, deadline=self.clock.monotonic() + seconds)
        self.inquiries[name] = inquiry
        task = asyncio.create_task(self._enter(name, inquiry))
        await settle()
        return task

    async def leave(self) -> None:
        self.bulkhead.leave()
        await settle()

    async def _enter(self, name: str, inquiry: Inquiry) -> None:
        await self.bulkhead.enter(inquiry)
        self.inside.append(name)

    @property
    def counts(self) -> tuple[int, int]:
        return self.bulkhead.taken, self.bulkhead.waiting


async def left(task: asyncio.Task[None]) -> None:
    """Somebody who was cancelled, and is gone."""
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_so_many_enter_at_once_and_the_others_one_by_one_in_their_order() -> None:
    crowd = Crowd(concurrency=2)
    tasks = [await crowd.come(name) for name in "abcd"]
    assert (crowd.inside, crowd.counts) == (["a", "b"], (2, 2))

    await crowd.leave()
    assert (crowd.inside, crowd.counts) == (["a", "b", "c"], (2, 1))
    await crowd.leave()
    assert (crowd.inside, crowd.counts) == (["a", "b", "c", "d"], (2, 0))
    await crowd.leave()
    await crowd.leave()

    assert crowd.counts == (0, 0)
    await asyncio.gather(*tasks)


async def test_who_finds_the_line_full_is_refused_at_once() -> None:
    crowd = Crowd(queue=1)
    await (await crowd.come("a"))
    waiting = await crowd.come("b")

    refused = await crowd.come("c")

    with pytest.raises(BulkheadFullError, match=r"limits\.concurrency and limits\.queue") as error:
        await refused
    assert error.value.retry_after == timedelta(seconds=1)
    assert (crowd.counts, crowd.noted.refusals) == ((1, 1), ["bulkhead"])
    await left(waiting)


async def test_waiting_ends_with_the_questions_time() -> None:
    crowd = Crowd()
    await (await crowd.come("a"))
    waiting = await crowd.come("b", seconds=3)

    await crowd.clock.advance(3)

    with pytest.raises(BulkheadFullError, match="in the time of this call"):
        await waiting
    assert (crowd.counts, crowd.noted.refusals) == ((1, 0), ["bulkhead"])


async def test_who_shares_a_question_that_waits_may_give_it_more_time() -> None:
    crowd = Crowd()
    await (await crowd.come("a"))
    waiting = await crowd.come("b", seconds=3)
    crowd.inquiries["b"].extend(crowd.clock.monotonic() + 10)

    await crowd.clock.advance(9)
    await crowd.leave()

    await waiting
    assert crowd.inside == ["a", "b"]


async def test_waiting_is_waiting_and_is_told() -> None:
    crowd = Crowd()
    first = await crowd.come("a")
    second = await crowd.come("b")

    await crowd.clock.advance(2.5)
    await crowd.leave()

    await asyncio.gather(first, second)
    assert crowd.noted.waits == [("bulkhead", 2.5)]
    assert [crowd.inquiries[name].waited for name in "ab"] == [0, 2.5]


async def test_who_leaves_the_line_takes_no_place() -> None:
    crowd = Crowd()
    await (await crowd.come("a"))
    leaving, staying = await crowd.come("b"), await crowd.come("c")

    await left(leaving)
    assert crowd.counts == (1, 1)
    await crowd.leave()

    await staying
    assert (crowd.inside, crowd.counts) == (["a", "c"], (1, 0))


async def test_who_leaves_at_the_moment_of_being_let_in_loses_no_place() -> None:
    crowd = Crowd()
    await (await crowd.come("a"))
    leaving, staying = await crowd.come("b"), await crowd.come("c")

    crowd.bulkhead.leave()
    await left(leaving)

    await staying
    assert (crowd.inside, crowd.counts) == (["a", "c"], (1, 0))


async def test_a_line_of_which_everybody_leaves_at_once_leaves_the_place_free() -> None:
    crowd = Crowd()
    await (await crowd.come("a"))
    waiting = [await crowd.come(name) for name in "bcd"]

    for task in waiting:
        task.cancel()
    crowd.bulkhead.leave()
    await asyncio.wait(waiting)

    assert crowd.counts == (0, 0)
    await (await crowd.come("e"))
    assert crowd.inside == ["a", "e"]
