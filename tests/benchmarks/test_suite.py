"""What the benchmarks compare is the same work, over upstreams that answer as the simulators do."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from benchmarks import upstreams as replayed
from benchmarks.digest import EventDigest
from benchmarks.exchanges import Recording
from benchmarks.floors import decoding
from benchmarks.problems import BenchmarkError
from benchmarks.product import Fronts, moved, serving, to_toml
from benchmarks.reader import read
from benchmarks.recorder import Recorder
from benchmarks.serving import listening
from benchmarks.suite import list_metrics, uncached
from benchmarks.suite.asking import rehearse
from gateway.settings.configuration import load_settings
from tests.end_to_end import serving as in_process
from tests.end_to_end.serving import TODAY, days_before_today
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest

Tables = Mapping[str, dict[str, Any]]

QUESTION = list_metrics.question(TODAY)


@asynccontextmanager
async def gateway(tables: Tables, origins: Mapping[str, str]) -> AsyncIterator[Fronts]:
    """The gateway in this process, asking each source at another origin, and keeping what they say."""
    there = {source: moved(table, origins[source]) for source, table in tables.items()}
    async with in_process.serving(there, environ={}) as found:
        yield Fronts(grpc=str(found.addresses.grpc), rest=found.url)


@asynccontextmanager
async def replaying(recording: Recording) -> AsyncIterator[dict[str, str]]:
    """The recorded upstreams in this process."""
    async with AsyncExitStack() as stack:
        yield {
            source: await stack.enter_async_context(listening(replayed.Replay(recording, source).handler))
            for source in recording.tables
        }


async def test_a_gateway_over_recorded_upstreams_says_what_it_said_over_the_simulators(upstreams: Upstreams) -> None:
    tables = await in_process.tables(upstreams)
    recorder = Recorder(tables)
    async with recorder.passing_on() as origins, gateway(tables, origins) as fronts:
        expected = await QUESTION.ask(fronts)
    async with replaying(recorder.recording) as origins, gateway(tables, origins) as fronts:
        found = await QUESTION.ask(fronts)

    list_metrics.check(found, expected)
    assert len(found.rest) in list_metrics.about(len(expected.rest))
    assert ["ai", "crm", "docs"] == sorted(exchange.source for exchange in recorder.recording.exchanges)


async def test_it_is_checked_that_answers_are_counted_and_whether_upstreams_were_asked(upstreams: Upstreams) -> None:
    tables = await in_process.tables(upstreams)
    recorder = Recorder(tables)
    fresh = list_metrics.question(TODAY, sources=list(tables), fresh=True)
    async with recorder.passing_on() as origins, gateway(tables, origins) as fronts:
        await fresh.rehearse(fronts, recorder)
    async with replaying(recorder.recording) as origins, gateway(tables, origins) as fronts:
        kept, anew = (
            list_metrics.Auditor(gateway=fronts, origins=origins, is_kept=is_kept) for is_kept in (True, False)
        )
        async with anew.of("grpc")(1):
            await fronts.over_grpc(list_metrics.METHOD, fresh.message)
        async with kept.of("rest")(2):
            await asyncio.gather(fronts.over_rest(QUESTION.path), fronts.over_rest(QUESTION.path))
        with pytest.raises(BenchmarkError, match="1 calls asked the upstreams 0 times; they should have asked 3 to 3"):
            async with anew.of("rest")(1):
                await fronts.over_rest(QUESTION.path)
        with pytest.raises(BenchmarkError, match="should have counted"):
            async with kept.of("rest")(2):
                await fronts.over_rest(QUESTION.path)

    assert ["ai", "crm", "docs"] == sorted(each.source for each in recorder.recording.of_call(fresh.path))


async def test_callers_who_share_the_sources_out_ask_each_of_their_own(upstreams: Upstreams) -> None:
    sandbox = await in_process.tables(upstreams)
    tables = {source: dict(table) for source, table in uncached.for_each(2, sandbox).items()}
    recorder = Recorder(tables)
    async with recorder.passing_on() as origins, gateway(tables, origins) as fronts:
        questions = [
            list_metrics.question(
                TODAY, sources=[uncached.own(source, caller) for source in uncached.KINDS], fresh=True
            )
            for caller in range(2)
        ]
        rehearsals = await rehearse(questions, fronts, recorder)
    async with replaying(recorder.recording) as origins, gateway(tables, origins) as fronts:
        await rehearsals.check(fronts)
        auditor = list_metrics.Auditor(gateway=fronts, origins=origins, is_kept=False, callers=2)
        async with auditor.of("rest")(2):
            await asyncio.gather(*(fronts.over_rest(question.path) for question in questions))
        with pytest.raises(BenchmarkError, match="should have counted"):
            async with auditor.of("rest")(2):
                await asyncio.gather(*(fronts.over_rest(questions[0].path) for _ in range(2)))


async def test_the_floor_builds_the_events_that_the_stream_holds(upstreams: Upstreams) -> None:
    tables = {"docs": (await in_process.tables(upstreams))["docs"]}
    recorder, digest = Recorder(tables), EventDigest()
    request = StreamEventsRequest(start_time=days_before_today(60), end_time=TODAY)
    async with recorder.passing_on() as origins, gateway(tables, origins) as fronts:
        await asyncio.to_thread(
            read, fronts.grpc, StreamEventsRequest(start_time=days_before_today(1), end_time=TODAY), None
        )
        with recorder.noting(decoding.CALL):
            told = await asyncio.to_thread(read, fronts.grpc, request, digest)

    assert digest.text == told["digest"] == decoding.digest(recorder.recording)
    assert told["events"] == decoding.measure(recorder.recording)["events"]


async def test_a_gateway_as_a_process_is_found_and_measured(tmp_path: Path) -> None:
    auth = {"scheme": "bearer", "token": "fictional"}
    tables = {"docs": {"kind": "fluidtopics", "base_url": "http://127.0.0.1:1", "auth": auth}}
    async with serving(tmp_path, tables, {"docs": "http://127.0.0.1:1"}) as found:
        async with found.counting({}):
            await found.over_rest("/healthz")
        used = found.process.memory_since(0)
        cpu = found.process.cpu_seconds()

    assert found.process.inner.returncode == 0
    assert used.peak_mib == used.growth_mib > 10
    assert cpu > 0


def test_another_answer_is_noticed() -> None:
    with pytest.raises(BenchmarkError, match="over REST"):
        list_metrics.check(
            list_metrics.Answers(grpc=b"", rest=b'{"metrics": [{"value": 1}]}'),
            list_metrics.Answers(grpc=b"", rest=b'{"metrics": [{"value": 2}]}'),
        )


def test_answers_that_differ_in_what_they_took_are_the_same() -> None:
    list_metrics.check(
        list_metrics.Answers(grpc=b"", rest=b'{"outcomes": [{"latency": "0.1s", "source": "ai"}]}'),
        list_metrics.Answers(grpc=b"", rest=b'{"outcomes": [{"latency": "0.2s", "source": "ai"}]}'),
    )


def test_tables_of_sources_come_out_of_the_configuration_as_they_went_in(tmp_path: Path) -> None:
    auth = {"scheme": "basic", "username": 'a "b" \\ c', "password": "é"}
    table = {"kind": "fluidtopics", "base_url": "http://127.0.0.1:1/portal/", "auth": auth, "horizon_days": 30}
    config = tmp_path / "gateway.toml"
    config.write_text(to_toml({"docs": moved(table, "http://127.0.0.1:2")}), "utf-8")

    (source,) = load_settings(config, environ={}).sources
    told = source.settings.model_dump()

    assert ("docs", "fluidtopics") == (source.id, source.adapter.kind)
    assert "http://127.0.0.1:2/portal" == str(told["base_url"])
    assert 30 == told["horizon_days"]
    assert 'a "b" \\ c' == told["auth"]["username"]
