"""What all tests share: one world, and its simulators, which start when a test first wants them."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest
import uvloop

from adapters.simulation import World, create_world
from tests.installing import put_on_path
from tests.running import StoppedClock, Upstreams

# Before any test is collected: the tests of all kinds meet this one too.
put_on_path()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer to write the golden answers instead of comparing with them."""
    parser.addoption("--write-golden", action="store_true", help="write the golden answers of the adapters anew")


@pytest.fixture(scope="session")
def _asyncio_loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    """Tests run on the event loop on which the gateway serves.

    This replaces a fixture of pytest-asyncio. Its hook `pytest_asyncio_loop_factories` would leave out the tests that
    are no coroutines: one that asks for an asynchronous fixture would close the loop of all others, with all that runs
    on it (pytest-asyncio issue 1501).
    """
    return uvloop.new_event_loop


@pytest.fixture(scope="session")
def world() -> World:
    """The world of seed 1, in which it is always `tests.clock.START`."""
    return create_world(seed=1, clock=StoppedClock(), events=20_000)


@pytest.fixture(scope="session")
async def running_upstreams(world: World) -> AsyncIterator[Upstreams]:
    """The simulators of the session. A test asks for `upstreams`."""
    upstreams = Upstreams(world=world)
    yield upstreams
    await upstreams.close()


@pytest.fixture
def upstreams(running_upstreams: Upstreams) -> Iterator[Upstreams]:
    """The simulators, without faults, and without those that the test leaves: `await upstreams.get("zylon")`."""
    running_upstreams.reset()
    yield running_upstreams
    running_upstreams.reset()
