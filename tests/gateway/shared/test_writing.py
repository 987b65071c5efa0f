"""Writes that nobody waits for."""

import asyncio
from functools import partial

from gateway.shared.server import OutOfReachError
from gateway.shared.writing import Writer
from tests.clock import VirtualClock, settle


class Written:
    """Does writes one by one, each when it may."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.may = asyncio.Event()

    async def write(self, number: int) -> None:
        await self.may.wait()
        self.done.append(number)

    async def fail(self) -> None:
        raise OutOfReachError("no connection")


async def test_writes_are_done_in_their_order_and_a_failure_ends_nothing() -> None:
    writer, written = Writer(VirtualClock()), Written()
    written.may.set()
    for number in range(3):
        assert writer.add(partial(written.write, number))
        assert writer.add(written.fail)
    await settle()
    assert writer.add(partial(written.write, 3))

    await writer.close(1)

    assert written.done == [0, 1, 2, 3]


async def test_what_finds_no_room_is_refused_until_there_is() -> None:
    writer, written = Writer(VirtualClock()), Written()
    taken = [writer.add(partial(written.write, number)) for number in range(300)]
    assert taken == [True] * 256 + [False] * 44

    written.may.set()
    await settle()
    assert writer.add(partial(written.write, 300), size=16 * 1024 * 1024)
    assert not writer.add(partial(written.write, 301), size=1)

    await writer.close(1)
    assert written.done == [*range(256), 300]


async def test_the_end_waits_only_for_so_long() -> None:
    clock = VirtualClock()
    writer, written = Writer(clock), Written()
    writer.add(partial(written.write, 0))
    closing = asyncio.create_task(writer.close(0.05))
    await settle()

    await clock.advance(0.05)
    await closing

    assert written.done == []


async def test_a_writer_without_work_has_nothing_to_end() -> None:
    await Writer(VirtualClock()).close(1)
