"""A source with all that guards it, over a server that does what it is told."""

import asyncio
import random
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from adapters.errors import SourceError
from adapters.outside import Outside
from adapters.ports import Protection
from adapters.settings import SourceSettings
from adapters.transport import FixedAddress, Transport, Upstream, open_transport
from tests.adapters.transport.noting import Noting
from tests.adapters.transport.playing import GET, an_inquiry, as_sent, playing
from tests.clock import VirtualClock


class Upstreams:
    """A server that answers with the `status` it is told, or not at all while it is `held`."""

    def __init__(self, status: int = 200) -> None:
        self.status = status
        self.headers: dict[str, str] = {}
        self.asked = 0
        self.held = False
        self.comes = asyncio.Event()
        self.goes_on = asyncio.Event()

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        self.comes.set()
        if self.held:
            await self.goes_on.wait()
        return web.Response(status=self.status, text="{}", headers=self.headers)


@asynccontextmanager
async def serving(server: Upstreams) -> AsyncGenerator[str]:
    """Its base URL. In the end it lets all go that it holds."""
    async with playing(server.answer) as base:
        try:
            yield base
        finally:
            server.goes_on.set()


class TellingClock(VirtualClock):
    """Tells when somebody begins to wait."""

    def __init__(self, *, flowing: bool) -> None:
        super().__init__(flowing=flowing)
        self.sleeps = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.sleeps.set()
        await super().sleep(seconds)


class Played:
    """A source over a server, on a virtual clock."""

    def __init__(self, transport: Transport, base: str, clock: TellingClock, noted: Noting) -> None:
        self.transport = transport
        self.base = base
        self.upstream: Upstream = transport.upstream(FixedAddress(base))
        self.clock = clock
        self.noted = noted

    async def ask(self, *, seconds: float = 30, upstream: Upstream | None = None) -> bytes:
        return await (upstream or self.upstream).ask(GET, as_sent, an_inquiry(self.clock, seconds=seconds))

    async def failures(self, times: int) -> list[str]:
        """The reasons of so many failures."""
        reasons = []
        for _ in range(times):
            with pytest.raises(SourceError) as failed:
                await self.ask()
            reasons.append(failed.value.reason)
        return reasons

    @property
    def protection(self) -> Protection:
        protection = self.upstream.connection.protection
        assert protection is not None
        return protection


@asynccontextmanager
async def played(
    base: str, *, flowing: bool = True, **settings: Mapping[str, object] | float
) -> AsyncGenerator[Played]:
    """A source with these settings, asked once by each question if they do not say otherwise."""
    table = SourceSettings.model_validate({"kind": "played", "retry": {"attempts": 1}, **settings})
    clock, noted = TellingClock(flowing=flowing), Noting()
    outside = Outside(clock=clock, random=random.Random(1), meter=noted)
    async with open_transport("played", table, outside) as transport:
        yield Played(transport, base, clock, noted)
