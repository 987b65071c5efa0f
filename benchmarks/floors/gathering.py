"""A bare aiohttp handler that gathers the recorded requests, decodes the answers, and dumps them as one.

`python -m benchmarks.floors.gathering RECORDING ORIGINS`; ORIGINS is JSON, as `benchmarks.upstreams` says it. It has
no deadlines, retries, checks, logs, metrics or outcomes. Its JSON library is the gateway's: the floor is not to be
lower for a slower one.
"""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path

import aiohttp
import msgspec
from aiohttp import web
from yarl import URL

from benchmarks.exchanges import Exchange, Recording, load
from benchmarks.serving import announce, listening


async def serve(recording: Recording, origins: Mapping[str, str]) -> None:
    """Answer everything with what all sources say, by source."""
    async with aiohttp.ClientSession() as session:

        async def ask(exchange: Exchange) -> object:
            async with session.request(
                exchange.method,
                URL(origins[exchange.source] + exchange.path, encoded=True),
                headers=exchange.headers,
                data=exchange.body or None,
            ) as response:
                response.raise_for_status()
                return msgspec.json.decode(await response.read())

        async def handler(_request: web.BaseRequest) -> web.Response:
            answers = await asyncio.gather(*map(ask, recording.exchanges))
            sources = [exchange.source for exchange in recording.exchanges]
            merged = dict(zip(sources, answers, strict=True))
            return web.Response(body=msgspec.json.encode(merged), content_type="application/json")

        async with listening(handler) as origin:
            await announce({"origin": origin})


if __name__ == "__main__":
    asyncio.run(serve(load(Path(sys.argv[1])), msgspec.json.decode(sys.argv[2], type=dict[str, str])))
