"""One gateway for all tests that need no other, with all three upstreams behind it."""

from collections.abc import AsyncIterator

import pytest

from adapters.simulation import Control, serve
from tests.end_to_end.serving import Gateway, serving, tables
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import GetOverviewRequest


@pytest.fixture(scope="session")
async def running_gateway(running_upstreams: Upstreams) -> AsyncIterator[Gateway]:
    """The gateway of the session. A test asks for `gateway`."""
    async with serving(await tables(running_upstreams)) as gateway:
        # The first call finds out in which unit Zylon wants its dates, and so has more attempts to tell of.
        await gateway.unary(GetOverviewRequest(), timeout=30)
        yield gateway


@pytest.fixture
async def gateway(running_gateway: Gateway, upstreams: Upstreams) -> AsyncIterator[Gateway]:  # noqa: ARG001 - without the faults of other tests
    """The gateway, with its upstreams in good health."""
    yield running_gateway
    await running_gateway.idle()


@pytest.fixture(scope="session")
async def small_pages(running_upstreams: Upstreams) -> AsyncIterator[Gateway]:
    """A gateway that reads its events in many pages."""
    sources = await tables(running_upstreams)
    docs = {**sources["docs"], "per_page": 100}
    async with serving({"docs": docs}) as gateway:
        yield gateway


@pytest.fixture
async def docs(small_pages: Gateway, upstreams: Upstreams) -> AsyncIterator[Control]:
    """The simulated Fluid Topics behind `small_pages`."""
    yield (await upstreams.get("fluidtopics")).control
    await small_pages.idle()


@pytest.fixture(scope="session")
async def without_zylon(running_upstreams: Upstreams) -> AsyncIterator[Gateway]:
    """A gateway of which one upstream's server is not there."""
    zylon = await running_upstreams.get("zylon")
    async with serve(zylon.adapter.simulator(running_upstreams.world)) as address:
        pass
    sources = await tables(running_upstreams)
    sources["ai"] = {**sources["ai"], "base_url": address}
    async with serving(sources) as gateway:
        yield gateway
