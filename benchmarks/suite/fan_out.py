"""`ListMetrics` over REST, beside a bare aiohttp handler that gathers the same requests, decodes and dumps."""

from collections.abc import Sequence

import aiohttp

from benchmarks.load import Target
from benchmarks.report import Comparison
from benchmarks.stage import Stage, as_argument
from benchmarks.suite import list_metrics
from benchmarks.suite.benchmark import Benchmark
from benchmarks.suite.comparing import compare
from benchmarks.under_load import UnderLoad


async def measure(stage: Stage) -> Sequence[Comparison]:
    """Measure it."""
    asked = list_metrics.question(stage.today)
    rehearsed = await stage.rehearsed(asked.rehearsal())
    async with stage.upstreams(rehearsed) as origins, stage.gateway(rehearsed, origins) as gateway:
        first = await asked.ask(gateway)
        list_metrics.check(first, rehearsed.seen)
        async with stage.floor("gathering", str(rehearsed.file), as_argument(origins)) as floor:
            length = await _length(floor.origin)
            compared = await compare(
                stage,
                f"ListMetrics over REST, uncached, {len(rehearsed.recording.exchanges)} upstream requests",
                UnderLoad(
                    name="floor: an aiohttp handler gathers the same, decodes, dumps",
                    target=Target(url=floor.origin + asked.path, connections=stage.pace.in_flight, is_http1=True),
                    process=floor.process,
                    stage=stage,
                    body_bytes=range(length, length + 1),
                ),
                list_metrics.over_rest(stage, gateway, asked, first),
            )
        list_metrics.check(await asked.ask(gateway), rehearsed.seen)
    return [compared]


async def _length(origin: str) -> int:
    """Of the floor's answer, which is always the same."""
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.get(origin) as response:
        return len(await response.read())


BENCHMARK = Benchmark(name="fan-out", measure=measure)
