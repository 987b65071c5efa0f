"""What Prometheus is told of the process, and of what runs in it."""

from importlib.metadata import version

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector

from gateway.pipeline.telemetry.numbers import Gauges


def describe_process(registry: CollectorRegistry) -> None:
    """Tell the version, the interpreter, its garbage, and what the process takes of the machine (the last on Linux)."""
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    GCCollector(registry=registry)
    Gauges("analytics_gateway_build_info", "1, for the version that runs", ("version",), registry).of(
        version("analytics-gateway")
    ).add()
