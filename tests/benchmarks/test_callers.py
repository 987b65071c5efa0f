"""Callers who ask, each for himself, as the job says."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from yarl import URL

from benchmarks.caller import CallFailedError, Job, ask, length_of
from benchmarks.calling import Callers
from benchmarks.problems import BenchmarkError
from benchmarks.serving import listening


@asynccontextmanager
async def answering(asked: Counter[str], status: int = 200) -> AsyncIterator[str]:
    async def handler(request: web.BaseRequest) -> web.Response:
        asked[request.raw_path] += 1
        return web.Response(text="12345", status=status)

    async with listening(handler) as origin:
        yield origin


def job(origin: str, paths: list[str], requests: int, spread: float = 0.0) -> Job:
    url = URL(origin)
    return Job(host=str(url.host), port=url.port or 0, paths=paths, requests=requests, spread=spread)


async def test_each_caller_asks_its_own_question_as_often_as_the_others() -> None:
    asked: Counter[str] = Counter()
    async with answering(asked) as origin:
        told = await ask(job(origin, ["/a?b=%2F", "/c"], 3))

    assert {"/a?b=%2F": 3, "/c": 3} == asked
    assert 30 == told.body_bytes
    assert 0 < told.p50_ms <= told.p99_ms


async def test_all_callers_are_at_it_at_once() -> None:
    paths = [f"/{number}" for number in range(5)]
    here = asyncio.Barrier(len(paths))

    async def handler(_request: web.BaseRequest) -> web.Response:
        await here.wait()
        return web.Response(text="x")

    async with listening(handler) as origin:
        assert 10 == (await ask(job(origin, paths, 2))).body_bytes


async def test_the_callers_begin_one_after_the_other() -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with answering(Counter()) as origin:
        await ask(job(origin, ["/a", "/b", "/c", "/d"], 1, spread=1.0), sleep)

    assert [0.0, 0.25, 0.5, 0.75] == sorted(waited)


async def test_a_failed_call_ends_the_run(tmp_path: Path) -> None:
    async with answering(Counter(), status=503) as origin:
        with pytest.raises(CallFailedError, match="503 Service Unavailable"):
            await ask(job(origin, ["/a"], 1))
        with pytest.raises(BenchmarkError, match=r"caller failed .*503 Service Unavailable"):
            await Callers(origin=origin, paths=["/a"]).fire(tmp_path, 1)


async def test_a_run_tells_what_it_came_to(tmp_path: Path) -> None:
    asked: Counter[str] = Counter()
    async with answering(asked) as origin:
        callers = Callers(origin=origin, paths=["/a", "/b"])
        shot = await callers.fire(tmp_path, 6)

    assert {"/a": 3, "/b": 3} == asked
    assert (6, 30) == (shot.requests, shot.body_bytes)
    assert (2, 2) == (callers.in_flight, callers.connections)
    assert shot.rate > 0


def test_the_length_of_a_body_is_read_from_its_head() -> None:
    assert 12 == length_of(b"HTTP/1.1 200 OK\r\nVary: Accept\r\ncontent-LENGTH: 12\r\n\r\n")
    with pytest.raises(CallFailedError, match="200 OK, with 0 Content-Length"):
        length_of(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
