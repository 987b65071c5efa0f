"""A bare aiohttp handler that gathers the recorded requests of a call, decodes the answers, and dumps them as one.

`python -m benchmarks.floors.gathering LOOP RECORDING ORIGINS`; ORIGINS is JSON, as `benchmarks.upstreams` says it.
Calls are told apart by path and query, which are their names in the recording. It has no deadlines, retries, checks,
logs, metrics or outcomes. Its JSON library is the gateway's: the floor is not to be lower for a slower one.
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
from benchmarks.serving import announce, listening, run


async def serve(recording: Recording, origins: Mapping[str, str]) -> None:
    """Answer each call of the recording with what its sources say, by source."""
    calls = {name: recording.of_call(name) for name in recording.calls}
    # Any number of connections, as the gateway has: by default, aiohttp would let the hundred-and-first request wait.
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def ask(exchange: Exchange) -> object:
            async with session.request(
                exchange.method,
                URL(origins[exchange.source] + exchange.path, encoded=True),
                headers=exchange.headers,
                data=exchange.body or None,
            ) as response:
                response.raise_for_status()
                return msgspec.json.decode(await response.read())

        async def handler(request: web.BaseRequest) -> web.Response:
            exchanges = calls[request.raw_path]
            answers = await asyncio.gather(*map(ask, exchanges))
            merged = {exchange.source: answer for exchange, answer in zip(exchanges, answers, strict=True)}
            return web.Response(body=msgspec.json.encode(merged), content_type="application/json")

        async with listening(handler) as origin:
            await announce({"origin": origin})


if __name__ == "__main__":
    run(sys.argv[1], serve(load(Path(sys.argv[2])), msgspec.json.decode(sys.argv[3], type=dict[str, str])))
