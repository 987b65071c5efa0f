"""The upstreams of a run: recorded answers, sent as they are, for next to no work of their own.

`python -m benchmarks.upstreams RECORDING` says where each source is, as a line of JSON, and runs until SIGTERM. The
simulators would do for correctness; but they make their answers anew each time, and would be most of what is measured.
"""

import asyncio
import sys
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

from aiohttp import web

from benchmarks.exchanges import Exchange, Recording, load
from benchmarks.recorder import answer
from benchmarks.serving import Handler, announce, listening

Answers = Mapping[tuple[str, str, bytes], Exchange]


def replaying(recording: Recording, source: str) -> Handler:
    """Answers what was asked of the source before; 404 to anything else, so that it is noticed."""
    answers: Answers = {each.question: each for each in recording.exchanges if each.source == source}

    async def handler(request: web.BaseRequest) -> web.Response:
        found = answers.get((request.method, request.raw_path, await request.read()))
        return web.Response(status=404, text="This was not asked in the rehearsal.") if found is None else answer(found)

    return handler


async def serve(recording: Recording) -> None:
    """Play all sources of the recording, until a signal."""
    async with AsyncExitStack() as stack:
        origins = {
            source: await stack.enter_async_context(listening(replaying(recording, source)))
            for source in recording.tables
        }
        await announce(origins)


if __name__ == "__main__":
    asyncio.run(serve(load(Path(sys.argv[1]))))
