"""Two gateways that share their ports, beside one: `ListMetrics` over REST from answers at hand."""

from collections.abc import Sequence

from benchmarks.report import Comparison
from benchmarks.stage import Stage
from benchmarks.suite import list_metrics
from benchmarks.suite.benchmark import Benchmark
from benchmarks.suite.comparing import compare, over_http1
from benchmarks.suite.kept import rehearsed
from benchmarks.under_load import UnderLoad

_CONNECTIONS = 4
"""For each call in flight elsewhere: the system spreads them by chance, and few would be spread unevenly."""


async def measure(stage: Stage) -> Sequence[Comparison]:
    """Measure it."""
    asked, recorded = await rehearsed(stage)
    in_flight = stage.pace.in_flight * _CONNECTIONS
    async with (
        stage.upstreams(recorded) as origins,
        stage.replicas(recorded, origins, 1) as one,
        stage.replicas(recorded, origins, 2) as two,
    ):
        answers = await asked.ask(one[0])
        list_metrics.check(answers, recorded.seen)
        list_metrics.check(await asked.ask(two[0]), recorded.seen)
        sides = [
            UnderLoad(
                name=f"{len(gateways)} replica{'s' if gateways[1:] else ''}",
                target=over_http1(gateways[0].rest + asked.path, in_flight),
                processes=[gateway.process for gateway in gateways],
                stage=stage,
                body_bytes=list_metrics.about(len(answers.rest)),
            )
            for gateways in (one, two)
        ]
        return [
            await compare(
                stage,
                *sides,
                work="ListMetrics over REST, at hand, by replicas",
                about="h2load, the replicas and the upstreams share the machine's cores; the ratio is to one replica.",
            )
        ]


BENCHMARK = Benchmark(name="replicas", measure=measure)
