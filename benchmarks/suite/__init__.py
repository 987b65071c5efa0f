"""The benchmarks, one per module, in the order in which they run."""

from benchmarks.suite import fan_out, kept_grpc, kept_rest, replicas, stream_events, uncached
from benchmarks.suite.benchmark import Benchmark

SUITE: tuple[Benchmark, ...] = (
    kept_rest.BENCHMARK,
    kept_grpc.BENCHMARK,
    uncached.BENCHMARK,
    fan_out.BENCHMARK,
    stream_events.BENCHMARK,
    replicas.BENCHMARK,
)

__all__ = ["SUITE", "Benchmark"]
