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
from benchmarks.suite import list_metrics
from gateway.settings.configuration import load_settings
from tests.end_to_end import serving as in_process
from tests.end_to_end.serving import TODAY, days_before_today
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest

Tables = Mapping[str, dict[str, Any]]

QUESTION = list_metrics.question(TODAY)


@asynccontextmanager
async def gateway(tables: Tables, origins: Mapping[str, str]) -> AsyncIterator[Fronts]:
    """The gateway in this process, asking each source at another origin."""
    async with in_process.serving({source: moved(table, origins[source]) for source, table in tables.items()}) as found:
        yield Fronts(grpc=str(found.addresses.grpc), rest=found.url)


@asynccontextmanager
async def replaying(recording: Recording) -> AsyncIterator[dict[str, str]]:
    """The recorded upstreams in this process."""
    async with AsyncExitStack() as stack:
        yield {
            source: await stack.enter_async_context(listening(replayed.replaying(recording, source)))
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


async def test_the_gateways_own_counts_tell_how_many_calls_were_answered(upstreams: Upstreams) -> None:
    tables = await in_process.tables(upstreams)
    async with in_process.serving(tables) as found:
        fronts = Fronts(grpc=str(found.addresses.grpc), rest=found.url)
        answer = (await QUESTION.ask(fronts)).grpc
        async with list_metrics.audit(fronts, "grpc", answer)(1):
            await fronts.over_grpc(list_metrics.METHOD, QUESTION.message)
        with pytest.raises(BenchmarkError, match="should have counted"):
            async with list_metrics.audit(fronts, "rest", answer)(2):
                await fronts.over_rest(QUESTION.path)


async def test_the_floor_builds_the_events_that_the_stream_holds(upstreams: Upstreams) -> None:
    tables = {"docs": (await in_process.tables(upstreams))["docs"]}
    recorder, digest = Recorder(tables), EventDigest()
    request = StreamEventsRequest(start_time=days_before_today(60), end_time=TODAY)
    async with recorder.passing_on() as origins, gateway(tables, origins) as fronts:
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
