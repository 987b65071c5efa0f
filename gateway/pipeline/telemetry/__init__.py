"""What is seen of the gateway from outside: numbers for Prometheus, and a log line per call."""

from gateway.pipeline.telemetry.telemetry import Telemetry

__all__ = ["Telemetry"]
