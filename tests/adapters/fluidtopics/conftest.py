"""A Fluid Topics source and the simulated portal that it asks, over HTTP on loopback."""

from collections.abc import AsyncIterator

import pytest

from tests.adapters.fluidtopics.portal import Portal, portal
from tests.running import Running, Upstreams


@pytest.fixture
async def running(upstreams: Upstreams) -> Running:
    """The simulated portal, for sources with other settings."""
    return await upstreams.get("fluidtopics")


@pytest.fixture
async def docs(running: Running) -> AsyncIterator[Portal]:
    """The simulated portal, and a source that asks it."""
    async with running.open() as source:
        yield portal(source, running.control)
