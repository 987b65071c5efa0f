"""`ListMetrics` over gRPC from an answer at hand, beside a bare grpc.aio handler that returns the same bytes."""

from collections.abc import Sequence

from benchmarks.goals import ShareOfFloor
from benchmarks.load import Target
from benchmarks.report import Comparison
from benchmarks.stage import Stage
from benchmarks.suite import list_metrics
from benchmarks.suite.benchmark import Benchmark
from benchmarks.suite.comparing import ON_UVLOOP, compare
from benchmarks.suite.kept import kept
from benchmarks.under_load import UnderLoad

_HEADERS = ("content-type: application/grpc", "te: trailers")
_PREFIX = 5
"""Bytes before each message: whether it is compressed, and its length (gRPC over HTTP2, "Length-Prefixed-Message")."""


def framed(message: bytes) -> bytes:
    """The message as it goes over the wire, not compressed."""
    return b"\0" + len(message).to_bytes(_PREFIX - 1, "big") + message


async def measure(stage: Stage) -> Sequence[Comparison]:
    """Measure it."""
    async with kept(stage) as found:
        body = stage.file("request.grpc", framed(found.asked.message))
        answer = stage.file("answer.pb", found.answers.grpc)
        length = len(framed(found.answers.grpc))

        def target(origin: str) -> Target:
            return Target(
                url=origin + list_metrics.METHOD,
                connections=1,
                streams=stage.pace.in_flight,
                headers=_HEADERS,
                body=body,
            )

        arguments = ("bare_grpc", list_metrics.METHOD, str(answer))
        async with stage.floor(*arguments) as floor, stage.floor(*arguments, loop="uvloop") as quicker:
            compared = await compare(
                stage,
                UnderLoad(
                    name="floor: a bare grpc.aio handler returns the same bytes",
                    target=target(floor.origin),
                    processes=[floor.process],
                    stage=stage,
                    body_bytes=range(length, length + 1),
                ),
                UnderLoad(
                    name="gateway",
                    target=target(f"http://{found.gateway.grpc}"),
                    processes=[found.gateway.process],
                    stage=stage,
                    body_bytes=list_metrics.about(length),
                    audit=found.auditor.of("grpc"),
                ),
                UnderLoad(
                    name=ON_UVLOOP,
                    target=target(quicker.origin),
                    processes=[quicker.process],
                    stage=stage,
                    body_bytes=range(length, length + 1),
                ),
                work="ListMetrics over gRPC, at hand",
                about=f"h2load asks the same again and again; the message has {length:,} bytes with its prefix.",
                goals=[ShareOfFloor(least=0.85)],
            )
    return [compared]


BENCHMARK = Benchmark(name="kept-grpc", measure=measure)
