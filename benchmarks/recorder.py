"""Stands between a gateway and its upstreams, passes everything on, and notes it."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import aiohttp
from aiohttp import web
from yarl import URL

from benchmarks.exchanges import Exchange, Recording
from benchmarks.serving import Handler, listening

_OF_THE_CONNECTION = {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
"""Headers that each client sets for itself."""


class Recorder:
    """What was exchanged so far."""

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        """Note exchanges with the upstreams of these tables `[sources.<id>]`."""
        self._tables = {source: dict(table) for source, table in tables.items()}
        self._exchanges: list[Exchange] = []
        self._places: dict[tuple[str, str, str, bytes], int] = {}
        self._calls: dict[str, list[int]] = {}
        self._noted: list[int] = []

    @property
    def recording(self) -> Recording:
        """Everything, each question once."""
        return Recording(tables=self._tables, exchanges=list(self._exchanges), calls=dict(self._calls))

    @contextmanager
    def noting(self, call: str) -> Iterator[None]:
        """What is exchanged meanwhile belongs to the call of this name. One at a time."""
        self._noted = self._calls[call] = []
        yield
        self._noted = []

    @asynccontextmanager
    async def passing_on(self) -> AsyncIterator[dict[str, str]]:
        """Listen on loopback in place of each upstream. Gives the origins to ask instead, by source."""
        async with AsyncExitStack() as stack:
            session = await stack.enter_async_context(aiohttp.ClientSession(auto_decompress=False))
            yield {
                source: await stack.enter_async_context(
                    listening(self._handler(source, URL(table["base_url"]).origin(), session))
                )
                for source, table in self._tables.items()
            }

    def _handler(self, source: str, upstream: URL, session: aiohttp.ClientSession) -> Handler:
        async def handler(request: web.BaseRequest) -> web.Response:
            headers = {name: value for name, value in request.headers.items() if name.lower() not in _OF_THE_CONNECTION}
            body = await request.read()
            address = URL(f"{upstream}{request.raw_path}", encoded=True)
            async with session.request(
                request.method, address, headers=headers, data=body or None, allow_redirects=False
            ) as response:
                exchange = Exchange(
                    source=source,
                    method=request.method,
                    path=request.raw_path,
                    headers=headers,
                    body=body,
                    status=response.status,
                    content_type=response.headers.get("Content-Type", ""),
                    answer=await response.read(),
                )
            self._note(exchange)
            return answer(exchange)

        return handler

    def _note(self, exchange: Exchange) -> None:
        place = self._places.setdefault((exchange.source, *exchange.question), len(self._exchanges))
        if place == len(self._exchanges):
            self._exchanges.append(exchange)
        self._noted.append(place)


def answer(exchange: Exchange) -> web.Response:
    """The recorded answer, to be sent again."""
    return web.Response(status=exchange.status, body=exchange.answer, headers={"Content-Type": exchange.content_type})
