"""A Zylon source and the simulator that it asks, over HTTP on loopback."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from adapters.zylon.client import ZylonSource
from tests.clock import VirtualClock
from tests.running import Running, Upstreams


@pytest.fixture
async def zylon(upstreams: Upstreams) -> Running:
    return await upstreams.get("zylon")


@pytest.fixture
async def source(zylon: Running) -> AsyncIterator[ZylonSource]:
    """A source that need not find the unit out: it knows the simulator's default."""
    async with zylon.open(VirtualClock(flowing=True), time_unit="seconds") as source:
        yield cast("ZylonSource", source)
