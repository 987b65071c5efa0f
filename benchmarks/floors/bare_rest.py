"""A bare aiohttp handler that returns the bytes of a file. `python -m benchmarks.floors.bare_rest LOOP FILE`."""

import sys
from pathlib import Path

from aiohttp import web

from benchmarks.serving import announce, listening, run


async def serve(body: bytes) -> None:
    """Answer everything with the body, as JSON."""

    async def handler(_request: web.BaseRequest) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    async with listening(handler) as origin:
        await announce({"origin": origin})


if __name__ == "__main__":
    run(sys.argv[1], serve(Path(sys.argv[2]).read_bytes()))
