"""What each installed kind of source offers."""

import asyncio

import pytest

from adapters import installed
from adapters.ports import Source
from adapters.simulation import create_world
from tests.running import Running, StoppedClock

_NOWHERE = "http://127.0.0.1:9"


def offering(port: type) -> pytest.MarkDecorator:
    """Let a test meet only the kinds that have the methods of a port."""
    kinds = [kind for kind, source in _SOURCES.items() if isinstance(source, port)]
    return pytest.mark.parametrize("running", kinds, indirect=True)


async def _sources() -> dict[str, Source]:
    """A source of each kind, by now closed: to open one asks nobody."""
    world = create_world(seed=1, clock=StoppedClock(), events=0)
    found = {}
    for kind, adapter in installed().items():
        running = Running(adapter=adapter, simulator=adapter.simulator(world), base_url=_NOWHERE)
        async with running.open() as source:
            found[kind] = source
    return found


_SOURCES = asyncio.run(_sources())
