"""Every upstream, simulated on loopback, and the configuration that points at the simulators."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import adapters
from adapters.simulation import Simulator, World, serve
from gateway.listening import CannotListenError

IDS = {"superoffice": "crm", "fluidtopics": "docs", "zylon": "ai"}
"""The ids of the sandbox's sources, by kind. Another kind has its own name."""


@asynccontextmanager
async def sandbox(world: World, ports: Mapping[str, int]) -> AsyncIterator[dict[str, Any]]:
    """Run a simulator of every installed kind on its port of loopback, a free one where `ports` says none or 0.

    Gives the tables `[sources.<id>]` for them.

    Raises:
        CannotListenError: a port is taken.
    """
    async with AsyncExitStack() as stack:
        tables = {}
        for kind, adapter in adapters.installed().items():
            simulator = adapter.simulator(world)
            base_url = await _started(stack, simulator, ports.get(kind, 0))
            tables[IDS.get(kind, kind.replace("-", "_"))] = {**simulator.source, "base_url": base_url}
        yield tables


async def _started(stack: AsyncExitStack, simulator: Simulator, port: int) -> str:
    try:
        return await stack.enter_async_context(serve(simulator, port))
    except OSError as error:
        raise CannotListenError(f"cannot simulate {simulator.kind} on port {port}: {error.strerror}") from error
