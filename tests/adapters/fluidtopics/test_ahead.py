"""Reading ahead, without a portal."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from adapters.fluidtopics.events.ahead import read_ahead
from tests.clock import settle


class Numbers:
    """Gives numbers, and notes what was taken and whether it was closed."""

    def __init__(self, count: int) -> None:
        self.taken = 0
        self.closed = False
        self._count = count

    async def __call__(self) -> AsyncGenerator[int]:
        try:
            for number in range(self._count):
                self.taken += 1
                yield number
            if self._count == 3:
                raise LookupError("three")
        finally:
            self.closed = True


@pytest.mark.parametrize("bound", [0, 1, 2, 9])
async def test_it_gives_the_same_items_and_closes_their_source(bound: int) -> None:
    numbers = Numbers(5)
    async with aclosing(read_ahead(numbers(), bound)) as ahead:
        assert [0, 1, 2, 3, 4] == [number async for number in ahead]
    assert numbers.closed


@pytest.mark.parametrize("bound", [0, 1, 2])
async def test_it_never_takes_more_than_its_bound_ahead(bound: int) -> None:
    numbers = Numbers(100)
    async with aclosing(read_ahead(numbers(), bound)) as ahead:
        for used in range(1, 10):
            await anext(ahead)
            await settle()
            assert used + bound == numbers.taken
    assert numbers.closed


@pytest.mark.parametrize("bound", [0, 1, 9])
async def test_an_error_comes_in_its_place(bound: int) -> None:
    ahead = read_ahead(Numbers(3)(), bound)
    for number in range(3):
        assert number == await anext(ahead)
        await settle()
    with pytest.raises(LookupError):
        await anext(ahead)


def filling() -> list[asyncio.Task[object]]:
    """Those who read ahead; other tests' servers have tasks of their own, which come and go on the same loop."""
    return [task for task in asyncio.all_tasks() if "_fill" in repr(task)]


async def test_closing_it_leaves_no_task() -> None:
    numbers = Numbers(100)
    async with aclosing(read_ahead(numbers(), 3)) as ahead:
        await anext(ahead)
        assert 1 == len(filling())
    assert [] == filling()
    assert numbers.closed


async def test_an_error_that_nobody_waits_for_is_not_reported_as_lost() -> None:
    lost: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: lost.append(context))
    try:
        async with aclosing(read_ahead(Numbers(3)(), 9)) as ahead:
            await anext(ahead)
            await settle()
        await settle()
    finally:
        asyncio.get_running_loop().set_exception_handler(None)
    assert [] == lost
