"""An aggregator as one writes it by hand in an afternoon: FastAPI, httpx, uvicorn with uvloop and httptools.

`python -m benchmarks.rivals.aggregator RECORDING ORIGINS`, as `benchmarks.floors.gathering` takes them. It checks its
parameters, asks all sources at once with a timeout, and gives what they say, source by source, or why not. It has no
common model, deadlines of callers, retries, limits, metrics or logs, and keeps nothing.
"""

import asyncio
import json
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec
import uvicorn
from fastapi import FastAPI, HTTPException, Query, Request

from benchmarks.exchanges import Exchange, Recording, load

_TIMEOUT_SECONDS = 10.0


class Upstreams:
    """The sources, asked over a client each: httpx's pool takes long to find a connection among many."""

    def __init__(self, recording: Recording, origins: Mapping[str, str]) -> None:
        """Ask what was asked in the recording, at these origins."""
        self._calls = {name: recording.of_call(name) for name in recording.calls}
        # Any number of connections, as the gateway has; by default, the hundred-and-first request would wait.
        self._clients = {
            source: httpx.AsyncClient(base_url=origin, timeout=_TIMEOUT_SECONDS, limits=httpx.Limits())
            for source, origin in origins.items()
        }

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Keep connections, and close them in the end."""
        async with AsyncExitStack() as stack:
            for client in self._clients.values():
                await stack.enter_async_context(client)
            yield

    async def ask_all(self, call: str) -> dict[str, Any]:
        """What each source says."""
        exchanges = self._calls[call]
        answers = await asyncio.gather(*map(self._ask, exchanges), return_exceptions=True)
        told = {exchange.source: answer for exchange, answer in zip(exchanges, answers, strict=True)}
        return {
            "sources": {source: answer for source, answer in told.items() if not isinstance(answer, BaseException)},
            "errors": {source: repr(answer) for source, answer in told.items() if isinstance(answer, BaseException)},
        }

    async def _ask(self, exchange: Exchange) -> Any:  # noqa: ANN401 - JSON
        response = await self._clients[exchange.source].request(
            exchange.method,
            exchange.path,
            headers=exchange.headers,
            content=exchange.body or None,
        )
        response.raise_for_status()
        return response.json()


def application(upstreams: Upstreams, origin: str) -> FastAPI:
    """The whole service, which says as a line of JSON where it is."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with upstreams.opened():
            sys.stdout.write(f"{json.dumps({'origin': origin})}\n")
            sys.stdout.flush()
            yield

    async def metrics(
        request: Request,
        start: Annotated[datetime, Query(alias="startTime")],
        end: Annotated[datetime, Query(alias="endTime")],
    ) -> dict[str, Any]:
        if start >= end:
            raise HTTPException(400, "startTime must lie before endTime")
        return await upstreams.ask_all(f"{request.url.path}?{request.url.query}")

    app = FastAPI(lifespan=lifespan)
    app.add_api_route("/v1/metrics", metrics)
    return app


def main() -> None:
    """Serve on a free port of loopback until a signal."""
    recording, origins = load(Path(sys.argv[1])), msgspec.json.decode(sys.argv[2], type=dict[str, str])
    # It listens from here on: who comes before uvicorn is ready waits.
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        app = application(Upstreams(recording, origins), f"http://127.0.0.1:{listener.getsockname()[1]}")
        config = uvicorn.Config(app, loop="uvloop", http="httptools", access_log=False, log_level="warning")
        uvicorn.Server(config).run([listener])


if __name__ == "__main__":
    main()
