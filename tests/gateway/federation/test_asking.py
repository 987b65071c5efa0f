"""What is left of a question that was given up."""

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from adapters.inquiry import Inquiry
from gateway.federation.asking import inquire
from gateway.federation.asks import Ask, CheckQuestion
from gateway.federation.observation import Item
from tests import running
from tests.fakes import FakeSource, federation


@pytest.fixture
def _no_collector() -> Iterator[None]:
    """It comes seldom in a process that serves, so that nothing large may have to wait for it."""
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("_no_collector")
async def test_a_question_that_was_given_up_keeps_nothing_alive() -> None:
    class Page:
        """What the adapter had in hand."""

    pages: list[weakref.ref[Page]] = []
    begun = asyncio.Event()

    async def hang(_ask: Ask, _inquiry: Inquiry) -> list[Item]:
        page = Page()
        pages.append(weakref.ref(page))
        begun.set()
        await asyncio.Event().wait()
        return []

    ask = Ask(source=federation(FakeSource("one")).sources["one"], question=CheckQuestion())
    asking = asyncio.create_task(inquire(ask, running.inquire("one"), hang, give_up_at=None, request_id=""))
    await begun.wait()
    asking.cancel()
    await asyncio.wait([asking])
    assert asking.cancelled()
    del asking

    assert [page() for page in pages] == [None]
