"""The upstreams of a run: recorded answers, sent as they are, for next to no work of their own.

`python -m benchmarks.upstreams RECORDING [DELAYS]` says where each source is, as a line of JSON, and runs until
SIGTERM. DELAYS is JSON: the seconds by which a source lets each answer wait. The simulators would do for correctness;
but they make their answers anew each time, and would be most of what is measured.
"""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web

from benchmarks.exchanges import Exchange, Recording, load
from benchmarks.recorder import answer
from benchmarks.serving import Sleep, announce, listening

ASKED = "/_asked"
"""Path at which an upstream tells how many requests it has answered as recorded. No upstream has it for its own."""


class Replay:
    """One source of a recording."""

    def __init__(self, recording: Recording, source: str, delay: float = 0.0, sleep: Sleep = asyncio.sleep) -> None:
        """Every answer is sent after `delay` seconds, which `sleep` waits for."""
        self._answers: Mapping[tuple[str, str, bytes], Exchange] = {
            each.question: each for each in recording.exchanges if each.source == source
        }
        self._delay = delay
        self._sleep = sleep
        self._asked = 0

    async def handler(self, request: web.BaseRequest) -> web.Response:
        """Answer what was asked of the source before; 404 to anything else, so that it is noticed."""
        if request.raw_path == ASKED:
            return web.json_response(self._asked)
        found = self._answers.get((request.method, request.raw_path, await request.read()))
        if found is None:
            return web.Response(status=404, text="This was not asked in the rehearsal.")
        self._asked += 1
        if self._delay:
            await self._sleep(self._delay)
        return answer(found)


async def asked(origins: Mapping[str, str]) -> int:
    """How many requests the upstreams at these origins have answered, all together."""
    total = 0
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        for origin in origins.values():
            async with session.get(origin + ASKED) as response:
                total += await response.json()
    return total


async def serve(recording: Recording, delays: Mapping[str, float]) -> None:
    """Play all sources of the recording, until a signal."""
    async with AsyncExitStack() as stack:
        origins = {
            source: await stack.enter_async_context(
                listening(Replay(recording, source, delays.get(source, 0.0)).handler)
            )
            for source in recording.tables
        }
        await announce(origins)


if __name__ == "__main__":
    _delays = msgspec.json.decode(sys.argv[2], type=dict[str, float]) if sys.argv[2:] else {}
    asyncio.run(serve(load(Path(sys.argv[1])), _delays))
