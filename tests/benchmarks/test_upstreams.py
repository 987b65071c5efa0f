"""What the gateway asked is recorded, and answered again as it was."""

from pathlib import Path

import aiohttp
from aiohttp import web
from yarl import URL

from benchmarks import upstreams
from benchmarks.exchanges import load
from benchmarks.recorder import Recorder
from benchmarks.serving import listening
from tests.benchmarks.recordings import TWO_SOURCES


async def posted(session: aiohttp.ClientSession, address: URL, body: bytes) -> tuple[int, bytes]:
    async with session.post(address, data=body, headers={"X-Key": "shown"}) as response:
        return response.status, await response.read()


async def test_an_exchange_is_passed_on_and_recorded_once() -> None:
    async def upstream(request: web.BaseRequest) -> web.Response:
        return web.json_response({"asked": f"{request.method} {request.raw_path} {await request.text()}"}, status=207)

    async with listening(upstream) as origin, aiohttp.ClientSession() as session:
        recorder = Recorder({"docs": {"base_url": f"{origin}/portal"}})
        async with recorder.passing_on() as origins:
            address = URL(f"{origins['docs']}/portal/counts?a=%2F", encoded=True)
            told = [await posted(session, address, b"{}") for _ in range(2)]

    (exchange,) = recorder.recording.exchanges
    assert [(207, b'{"asked": "POST /portal/counts?a=%2F {}"}')] * 2 == told
    assert ("docs", ("POST", "/portal/counts?a=%2F", b"{}")) == (exchange.source, exchange.question)
    assert "shown" == exchange.headers["X-Key"]
    assert 207 == exchange.status
    assert b'{"asked": "POST /portal/counts?a=%2F {}"}' == exchange.answer


async def test_what_was_recorded_is_answered_again_and_nothing_else() -> None:
    async with listening(upstreams.Replay(TWO_SOURCES, "docs").handler) as origin, aiohttp.ClientSession() as session:
        address = URL(f"{origin}/portal/counts")
        assert (200, b'{"results": []}') == await posted(session, address, b'{"page": 1}')
        assert (404, b"This was not asked in the rehearsal.") == await posted(session, address, b'{"page": 2}')


def test_a_recording_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    TWO_SOURCES.save(tmp_path / "recording")

    assert TWO_SOURCES == load(tmp_path / "recording")


async def test_an_upstream_tells_how_often_it_was_asked_what_it_knows() -> None:
    async with (
        listening(upstreams.Replay(TWO_SOURCES, "docs").handler) as docs,
        listening(upstreams.Replay(TWO_SOURCES, "ai").handler) as ai,
        aiohttp.ClientSession() as session,
    ):
        origins = {"docs": docs, "ai": ai}
        before = await upstreams.asked(origins)
        await posted(session, URL(f"{docs}/portal/counts"), b'{"page": 1}')
        await posted(session, URL(f"{docs}/portal/counts"), b'{"page": 2}')

        assert (0, 1) == (before, await upstreams.asked(origins))


async def test_an_upstream_lets_answers_wait() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    replay = upstreams.Replay(TWO_SOURCES, "docs", delay=0.3, sleep=sleep)
    async with listening(replay.handler) as origin, aiohttp.ClientSession() as session:
        await posted(session, URL(f"{origin}/portal/counts"), b'{"page": 1}')

    assert [0.3] == waited


async def test_each_call_has_its_own_exchanges_even_where_calls_share_them() -> None:
    async def upstream(request: web.BaseRequest) -> web.Response:
        return web.Response(text=request.path)

    async with listening(upstream) as origin, aiohttp.ClientSession() as session:
        recorder = Recorder({"docs": {"base_url": origin}})
        async with recorder.passing_on() as origins:
            await posted(session, URL(f"{origins['docs']}/sign-in"), b"")
            for call, paths in {"one": ["a", "b"], "two": ["b"]}.items():
                with recorder.noting(call):
                    for path in paths:
                        await posted(session, URL(f"{origins['docs']}/{path}"), b"")

    recording = recorder.recording
    assert ["/sign-in", "/a", "/b"] == [exchange.path for exchange in recording.exchanges]
    assert ["/a", "/b"] == [exchange.path for exchange in recording.of_call("one")]
    assert ["/b"] == [exchange.path for exchange in recording.of_call("two")]
