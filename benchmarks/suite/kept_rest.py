"""`ListMetrics` over REST from an answer at hand, beside a bare aiohttp handler that returns the same bytes.

And beside Envoy's gRPC-JSON transcoder in front of the same gateway.
"""

from collections.abc import Sequence

from benchmarks.goals import ShareOfFloor
from benchmarks.report import Comparison
from benchmarks.rivals.transcoder import Transcoder, transcoding
from benchmarks.stage import Floor, Stage
from benchmarks.suite import list_metrics
from benchmarks.suite.benchmark import Benchmark
from benchmarks.suite.comparing import ON_UVLOOP, compare, over_http1
from benchmarks.suite.kept import Kept, kept
from benchmarks.under_load import UnderLoad, bodies_of


async def measure(stage: Stage) -> Sequence[Comparison]:
    """Measure it."""
    async with kept(stage) as found:
        answer = stage.file("answer.json", found.answers.rest)
        async with (
            stage.floor("bare_rest", str(answer)) as floor,
            stage.floor("bare_rest", str(answer), loop="uvloop") as quicker,
            transcoding(stage.folder, found.gateway.grpc) as envoy,
        ):
            return [await _compared(stage, found, floor, quicker, envoy)]


async def _compared(stage: Stage, found: Kept, floor: Floor, quicker: Floor, envoy: Transcoder) -> Comparison:
    in_flight, path, length = stage.pace.in_flight, found.asked.path, len(found.answers.rest)
    (transcoded,) = await bodies_of(envoy.origin, [path])
    list_metrics.check_json(transcoded, found.answers.rest)
    return await compare(
        stage,
        UnderLoad(
            name="floor: a bare aiohttp handler returns the same bytes",
            target=over_http1(floor.origin + path, in_flight),
            processes=[floor.process],
            stage=stage,
            body_bytes=range(length, length + 1),
        ),
        UnderLoad(
            name="gateway",
            target=over_http1(found.gateway.rest + path, in_flight),
            processes=[found.gateway.process],
            stage=stage,
            body_bytes=list_metrics.about(length),
            audit=found.auditor.of("rest"),
        ),
        UnderLoad(
            name=ON_UVLOOP,
            target=over_http1(quicker.origin + path, in_flight),
            processes=[quicker.process],
            stage=stage,
            body_bytes=range(length, length + 1),
        ),
        UnderLoad(
            name="Envoy transcodes what the gateway says over gRPC",
            target=over_http1(envoy.origin + path, in_flight),
            processes=[envoy.process, found.gateway.process],
            stage=stage,
            body_bytes=list_metrics.about(len(transcoded)),
            audit=found.auditor.of("grpc"),
        ),
        work="ListMetrics over REST, at hand",
        about=f"h2load asks the same again and again; the body has {length:,} bytes, not compressed.",
        goals=[ShareOfFloor(least=0.6)],
    )


BENCHMARK = Benchmark(name="kept-rest", measure=measure)
