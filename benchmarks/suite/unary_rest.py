"""`ListMetrics` over REST, beside a bare aiohttp handler that returns the same bytes."""

from collections.abc import Sequence

from benchmarks.load import Target
from benchmarks.report import Comparison
from benchmarks.stage import Stage
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
        answer = stage.file("answer.json", first.rest)
        async with stage.floor("bare_rest", str(answer)) as floor:
            compared = await compare(
                stage,
                "ListMetrics over REST, uncached",
                UnderLoad(
                    name="floor: a bare aiohttp handler returns the same bytes",
                    target=Target(url=floor.origin + asked.path, connections=stage.pace.in_flight, is_http1=True),
                    process=floor.process,
                    stage=stage,
                    body_bytes=range(len(first.rest), len(first.rest) + 1),
                ),
                list_metrics.over_rest(stage, gateway, asked, first),
            )
        list_metrics.check(await asked.ask(gateway), rehearsed.seen)
    return [compared]


BENCHMARK = Benchmark(name="unary-rest", measure=measure)
