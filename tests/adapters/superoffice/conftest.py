"""A SuperOffice source and the simulator that it asks, over HTTP on loopback."""

from collections.abc import AsyncIterator

import pytest

from adapters.superoffice.client import SuperOfficeSource
from tests.adapters.superoffice.crm import Crm
from tests.adapters.superoffice.entrance import Entrance
from tests.adapters.superoffice.entrance import entrance as opened_entrance
from tests.adapters.superoffice.online import Online
from tests.running import Upstreams, inquire


@pytest.fixture
async def crm(upstreams: Upstreams) -> AsyncIterator[Crm]:
    running = await upstreams.get("superoffice")
    async with running.open() as source:
        assert isinstance(source, SuperOfficeSource)
        yield Crm(source=source, control=running.control, inquiry=inquire("superoffice"))


@pytest.fixture
async def entrance() -> AsyncIterator[Entrance]:
    async with opened_entrance() as opened:
        yield opened


@pytest.fixture
async def online(upstreams: Upstreams) -> Online:
    return Online(running=await upstreams.get("superoffice"))
