"""A server that may be slow or down, and what those who ask it notice."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.shared.reach import PAUSE, Reach
from gateway.shared.server import OutOfReachError
from tests.adapters.transport.waiting import no_complaints
from tests.clock import VirtualClock, settle
from tests.gateway.shared.running import Counts, Log

TIMEOUT = 0.05


class FakeServer:
    """Answers when it is told to. A look is answered at once, as long as it is well."""

    def __init__(self) -> None:
        self.is_well = True
        self.looks = 0
        self.asked: list[str] = []
        self.closed = 0
        self._answers: list[asyncio.Future[object]] = []

    async def run(self, *command: str | bytes | int) -> object:
        if command[0] == "EVAL":
            self.looks += 1
            if not self.is_well:
                raise OutOfReachError("no connection")
            return b"1"
        self.asked.append(str(command[0]))
        answer = asyncio.get_running_loop().create_future()
        self._answers.append(answer)
        return await answer

    async def close(self) -> None:
        self.closed += 1

    async def answer(self, what: object) -> None:
        """Answer all that was asked, or fail at it."""
        for waiting in self._answers:
            if isinstance(what, Exception) and not waiting.done():
                waiting.set_exception(what)
            elif not waiting.done():
                waiting.set_result(what)
        self._answers.clear()
        await settle()

    @property
    def broken_off(self) -> int:
        return sum(answer.cancelled() for answer in self._answers)


@pytest.fixture
def server() -> FakeServer:
    return FakeServer()


@pytest.fixture
async def reach(server: FakeServer, clock: VirtualClock, counts: Counts, log: Log) -> AsyncIterator[Reach]:
    """A server within reach. Each test ends with nothing left behind."""
    async with no_complaints():
        reach = Reach(server, clock=clock, timeout=TIMEOUT, meter=counts, prefix="test")
        await reach.open()
        assert (await log.next())["event"] == "sharing_up"
        yield reach
        await reach.close()


async def asked(reach: Reach, *commands: str) -> list[asyncio.Task[object]]:
    """Operations that wait for their answers."""
    tasks = [asyncio.create_task(reach.ask("get", command)) for command in commands]
    await settle()
    return tasks


async def out_of_reach(reach: Reach, server: FakeServer, log: Log) -> None:
    """Let it fail until it is not asked any more."""
    server.is_well = False
    for _ in range(3):
        (task,) = await asked(reach, "GET")
        await server.answer(OutOfReachError("no connection"))
        with pytest.raises(OutOfReachError):
            await task
    assert await log.next() == {"level": "warning", "event": "sharing_down", "why": "no connection"}


async def test_an_answer_in_time_is_the_answer(reach: Reach, server: FakeServer, counts: Counts) -> None:
    (task,) = await asked(reach, "GET")
    await server.answer(b"a")

    assert (await task, counts.failures) == (b"a", {})


async def test_nobody_waits_for_longer_than_the_timeout(
    reach: Reach, server: FakeServer, clock: VirtualClock, counts: Counts
) -> None:
    heard: list[object] = []
    task = asyncio.create_task(reach.ask("limit", "SET", unheard=heard.append))
    await settle()

    await clock.advance(TIMEOUT)

    with pytest.raises(OutOfReachError):
        await task
    assert counts.failures == {"limit": 1}

    # It is not broken off: its answer is still of use to somebody.
    await server.answer(b"late")
    assert heard == [b"late"]


async def test_an_answer_to_somebody_who_was_cancelled_is_told(reach: Reach, server: FakeServer) -> None:
    heard: list[object] = []
    task = asyncio.create_task(reach.ask("limit", "SET", unheard=heard.append))
    await settle()
    task.cancel()
    await settle()

    await server.answer(b"late")

    assert task.cancelled()
    assert heard == [b"late"]


async def test_a_late_failure_is_nobodys_concern(reach: Reach, server: FakeServer, clock: VirtualClock) -> None:
    (task,) = await asked(reach, "GET")
    await clock.advance(TIMEOUT)
    await server.answer(OutOfReachError("no connection"))

    with pytest.raises(OutOfReachError, match="no answer in time"):
        await task
    assert reach.is_up


async def test_a_server_that_fails_is_not_asked_for_a_while_and_that_is_said_once(
    reach: Reach, server: FakeServer, clock: VirtualClock, counts: Counts, log: Log
) -> None:
    await out_of_reach(reach, server, log)
    failures = counts.failures["get"]

    for _ in range(100):
        with pytest.raises(OutOfReachError):
            await reach.ask("get", "GET")
    for _ in range(10):
        await clock.advance(PAUSE)

    # Ten looks, and one at the start that was two.
    assert (len(server.asked), server.looks, log.is_empty) == (3, 12, True)
    assert counts.failures["get"] == failures + 100


async def test_a_server_that_is_back_is_asked_again(
    reach: Reach, server: FakeServer, clock: VirtualClock, log: Log
) -> None:
    await out_of_reach(reach, server, log)
    server.is_well = True

    await clock.advance(PAUSE)

    assert await log.next() == {"level": "info", "event": "sharing_up"}
    (task,) = await asked(reach, "GET")
    await server.answer(b"a")
    assert await task == b"a"


async def test_failures_that_come_together_are_one(reach: Reach, server: FakeServer, clock: VirtualClock) -> None:
    early = await asked(reach, "GET", "GET")
    await clock.advance(TIMEOUT / 2)
    late = await asked(reach, "GET", "GET")
    await clock.advance(TIMEOUT / 2)
    await server.answer(OutOfReachError("no connection"))

    outcomes = await asyncio.gather(*early, *late, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [OutOfReachError] * 4
    assert reach.is_up


async def test_a_success_between_them_makes_failures_harmless(reach: Reach, server: FakeServer) -> None:
    for what in (OutOfReachError("no connection"), OutOfReachError("no connection"), b"a") * 3:
        (task,) = await asked(reach, "GET")
        await server.answer(what)
        await asyncio.wait([task])
        task.exception()

    assert reach.is_up


async def test_when_it_is_out_of_reach_all_that_waits_for_it_goes_on_at_once(
    reach: Reach, server: FakeServer, clock: VirtualClock
) -> None:
    tasks: list[asyncio.Task[object]] = []
    for _ in range(3):
        tasks += await asked(reach, "GET")
        await clock.advance(TIMEOUT - 0.001)
        tasks += await asked(reach, "GET")
        await clock.advance(0.001)

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert [type(outcome) for outcome in outcomes] == [OutOfReachError] * 6
    assert (reach.is_up, server.broken_off) == (False, 6)


async def test_more_than_can_be_answered_are_not_even_asked(reach: Reach, server: FakeServer) -> None:
    tasks = await asked(reach, *["GET"] * 100)
    await server.answer(b"a")

    outcomes = await asyncio.gather(*tasks, return_exceptions=True)

    assert (outcomes.count(b"a"), len(server.asked), reach.is_up) == (64, 64, True)


async def test_a_server_that_hangs_with_all_that_may_be_asked_is_out_of_reach_soon(
    reach: Reach, server: FakeServer, clock: VirtualClock, log: Log
) -> None:
    """Nothing more can be asked to find that out, until the connections are given up."""
    server.is_well = False
    tasks = await asked(reach, *["GET"] * 64)
    for _ in range(3):
        await clock.advance(TIMEOUT)
        tasks += await asked(reach, *["GET"] * 10)

    assert await log.next() == {"level": "warning", "event": "sharing_down", "why": "no answer in time"}
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [OutOfReachError] * 94
    assert len(server.asked) == 64


async def test_a_server_that_is_down_at_the_start_holds_up_nobody_and_is_found_later(
    server: FakeServer, clock: VirtualClock, counts: Counts, log: Log
) -> None:
    server.is_well = False
    reach = Reach(server, clock=clock, timeout=TIMEOUT, meter=counts, prefix="test")
    await reach.open()
    assert (await log.next())["event"] == "sharing_down"

    server.is_well = True
    await settle()
    await clock.advance(PAUSE)

    assert (await log.next())["event"] == "sharing_up"
    await reach.close()


async def test_what_is_under_way_at_the_end_is_ended(reach: Reach, server: FakeServer) -> None:
    (task,) = await asked(reach, "GET")

    await reach.close()

    with pytest.raises(OutOfReachError):
        await task
    assert (server.closed, server.broken_off) == (1, 1)
