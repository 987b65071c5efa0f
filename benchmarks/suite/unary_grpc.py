"""`ListMetrics` over gRPC, beside a bare grpc.aio handler that returns the same bytes."""

from collections.abc import Sequence

from benchmarks.load import Target
from benchmarks.report import Comparison
from benchmarks.stage import Stage
from benchmarks.suite import list_metrics
from benchmarks.suite.benchmark import Benchmark
from benchmarks.suite.comparing import compare
from benchmarks.under_load import UnderLoad

_HEADERS = ("content-type: application/grpc", "te: trailers")
_PREFIX = 5
"""Bytes before each message: whether it is compressed, and its length (gRPC over HTTP2, "Length-Prefixed-Message")."""


def framed(message: bytes) -> bytes:
    """The message as it goes over the wire, not compressed."""
    return b"\0" + len(message).to_bytes(_PREFIX - 1, "big") + message


async def measure(stage: Stage) -> Sequence[Comparison]:
    """Measure it."""
    asked = list_metrics.question(stage.today)
    rehearsed = await stage.rehearsed(asked.rehearsal())
    body = stage.file("request.grpc", framed(asked.message))
    async with stage.upstreams(rehearsed) as origins, stage.gateway(rehearsed, origins) as gateway:
        first = await asked.ask(gateway)
        list_metrics.check(first, rehearsed.seen)
        length = len(framed(first.grpc))

        def target(origin: str) -> Target:
            return Target(
                url=origin + list_metrics.METHOD,
                connections=1,
                streams=stage.pace.in_flight,
                headers=_HEADERS,
                body=body,
            )

        answer = stage.file("answer.pb", first.grpc)
        async with stage.floor("bare_grpc", list_metrics.METHOD, str(answer)) as floor:
            compared = await compare(
                stage,
                "ListMetrics over gRPC, uncached",
                UnderLoad(
                    name="floor: a bare grpc.aio handler returns the same bytes",
                    target=target(floor.origin),
                    process=floor.process,
                    stage=stage,
                    body_bytes=range(length, length + 1),
                ),
                UnderLoad(
                    name="gateway",
                    target=target(f"http://{gateway.grpc}"),
                    process=gateway.process,
                    stage=stage,
                    body_bytes=list_metrics.about(length),
                    audit=list_metrics.audit(gateway, "grpc", first.grpc),
                ),
            )
        list_metrics.check(await asked.ask(gateway), rehearsed.seen)
    return [compared]


BENCHMARK = Benchmark(name="unary-grpc", measure=measure)
