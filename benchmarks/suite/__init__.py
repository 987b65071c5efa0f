"""The benchmarks, one per module, in the order in which they run."""

from benchmarks.suite import fan_out, stream_events, unary_grpc, unary_rest
from benchmarks.suite.benchmark import Benchmark

SUITE: tuple[Benchmark, ...] = (
    unary_grpc.BENCHMARK,
    unary_rest.BENCHMARK,
    fan_out.BENCHMARK,
    stream_events.BENCHMARK,
)

__all__ = ["SUITE", "Benchmark"]
