"""Floors do the work that the gateway is compared with, and no less."""

import json
from pathlib import Path

import aiohttp
import grpc
import pytest

from adapters.drift import DriftLog
from adapters.fluidtopics import wire
from adapters.fluidtopics.mapping import EventMapper
from adapters.transport import TolerantDecoder
from benchmarks.digest import EventDigest
from benchmarks.floors import decoding
from benchmarks.processes import PYTHON, running
from tests.benchmarks.recordings import TWO_SOURCES
from tests.running import Upstreams

METHOD = "/any.Service/Method"
LOOPS = ["asyncio", "uvloop"]
BYTES = b"\0 any bytes \xff"


async def answer_of(address: str) -> bytes:
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(address) as response:
        return await response.read()


@pytest.mark.parametrize("loop", LOOPS)
async def test_the_rest_floor_returns_the_bytes(tmp_path: Path, loop: str) -> None:
    (tmp_path / "body").write_bytes(BYTES)
    command = (*PYTHON, "benchmarks.floors.bare_rest", loop, str(tmp_path / "body"))
    async with running(tmp_path, "floor", *command) as floor:
        assert BYTES == await answer_of(f"{(await floor.said())['origin']}/v1/metrics?any=thing")


@pytest.mark.parametrize("loop", LOOPS)
async def test_the_grpc_floor_returns_the_bytes(tmp_path: Path, loop: str) -> None:
    (tmp_path / "message").write_bytes(BYTES)
    command = (*PYTHON, "benchmarks.floors.bare_grpc", loop, METHOD, str(tmp_path / "message"))
    async with running(tmp_path, "floor", *command) as floor:
        address = (await floor.said())["origin"].removeprefix("http://")
        async with grpc.aio.insecure_channel(address) as channel:
            call = channel.unary_unary(METHOD, lambda message: message, lambda message: message)
            assert BYTES == await call(b"")


async def test_the_gathering_floor_asks_all_that_a_call_asked_and_dumps_what_they_say(tmp_path: Path) -> None:
    TWO_SOURCES.save(tmp_path / "recording")
    async with running(
        tmp_path, "upstreams", *PYTHON, "benchmarks.upstreams", str(tmp_path / "recording")
    ) as upstreams:
        origins = json.dumps(await upstreams.said())
        command = (*PYTHON, "benchmarks.floors.gathering", "uvloop", str(tmp_path / "recording"), origins)
        async with running(tmp_path, "floor", *command) as floor:
            origin = (await floor.said())["origin"]
            answers = [json.loads(await answer_of(origin + path)) for path in TWO_SOURCES.calls]

    assert [{"ai": {"projects": 3}, "docs": {"results": []}}, {"docs": {"results": []}}] == answers


async def test_the_decoding_floor_builds_the_events_that_the_adapter_builds(upstreams: Upstreams) -> None:
    page = await page_of_events(upstreams)
    mapper, drift = EventMapper("docs"), DriftLog()
    adapters = EventDigest()
    adapters.add(mapper.events(TolerantDecoder(wire.EventsAnswer)(page, drift).results or [], drift))
    floors = EventDigest()
    for message in decoding.messages("docs", [page]):
        floors.add(message.batch.events)

    assert not list(drift)
    assert EventDigest().text != adapters.text == floors.text


async def page_of_events(upstreams: Upstreams) -> bytes:
    docs = await upstreams.get("fluidtopics")
    wanted = {"paging": {"page": 1, "perPage": 500}, "startDate": "2026-01-01", "endDate": "2026-02-01"}
    headers = {"Authorization": f"Bearer {docs.simulator.source['auth']['token']}"}  # type: ignore[index]  # a table of settings
    address = f"{docs.base_url}/analytics/api/v1/events"
    async with (
        aiohttp.ClientSession(raise_for_status=True) as session,
        session.post(address, json=wanted, headers=headers) as response,
    ):
        return await response.read()


def test_a_digest_does_not_depend_on_how_events_are_cut_into_messages() -> None:
    pages = [events_page(1, 2, 3), events_page(4)]
    cut = [events_page(1), events_page(2, 3, 4)]

    assert digest(pages) == digest(cut) != digest([events_page(1, 3, 2, 4)])


def events_page(*ids: int) -> bytes:
    events = [{"id": str(id_), "name": "khub.search", "datetime": 1773800000947} for id_ in ids]
    return json.dumps({"results": events}).encode()


def digest(pages: list[bytes]) -> str:
    found = EventDigest()
    for message in decoding.messages("docs", pages):
        found.add(message.batch.events)
    return found.text


@pytest.mark.parametrize("module", ["bare_rest", "bare_grpc"])
async def test_a_floor_that_cannot_start_says_why(tmp_path: Path, module: str) -> None:
    async with running(tmp_path, module, *PYTHON, f"benchmarks.floors.{module}") as floor:
        with pytest.raises(Exception, match=f"{module} did not start: .*IndexError"):
            await floor.said()
