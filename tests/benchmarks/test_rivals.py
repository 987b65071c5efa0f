"""What the gateway is compared with does the same work."""

import json
from pathlib import Path

from benchmarks.exchanges import Recording
from benchmarks.processes import PYTHON, running
from benchmarks.rivals.transcoder import configuration, transcoding
from benchmarks.under_load import bodies_of
from tests.benchmarks.recordings import TWO_SOURCES

WINDOW = "startTime=2026-01-01T00:00:00Z&endTime=2026-02-01T00:00:00Z"


async def test_the_aggregator_asks_all_that_a_call_asked(tmp_path: Path) -> None:
    path = f"/v1/metrics?{WINDOW}"
    recording = Recording(tables=TWO_SOURCES.tables, exchanges=TWO_SOURCES.exchanges, calls={path: [0, 1]})
    recording.save(file := tmp_path / "recording")
    async with running(tmp_path, "upstreams", *PYTHON, "benchmarks.upstreams", str(file)) as upstreams:
        origins = json.dumps(await upstreams.said())
        command = (*PYTHON, "benchmarks.rivals.aggregator", str(file), origins)
        async with running(tmp_path, "aggregator", *command) as aggregator:
            (answer,) = await bodies_of((await aggregator.said())["origin"], [path])

    assert {"sources": {"ai": {"projects": 3}, "docs": {"results": []}}, "errors": {}} == json.loads(answer)


async def test_envoy_takes_the_configuration(tmp_path: Path) -> None:
    async with transcoding(tmp_path, "127.0.0.1:1") as envoy:
        assert envoy.origin.startswith("http://127.0.0.1:")


def test_envoy_is_sent_to_the_gateways_address() -> None:
    (cluster,) = configuration("127.0.0.1:50051")["static_resources"]["clusters"]
    (endpoint,) = cluster["load_assignment"]["endpoints"][0]["lb_endpoints"]

    assert {"address": "127.0.0.1", "port_value": 50051} == endpoint["endpoint"]["address"]["socket_address"]
