"""Telemetry to which everything has happened once."""

from adapters.clock import Clock
from adapters.meter import Meter
from gateway.federation.meter import FederationMeter
from gateway.pipeline import Call, Telemetry
from tests.clock import VirtualClock
from unified.analytics.v1.outcome_pb2 import SourceOutcome


def a_call(clock: Clock | None = None, *, streaming: bool = False, repeated: bool = False) -> Call:
    """A call that arrives now."""
    clock = clock or VirtualClock()
    started = clock.monotonic()
    return Call(
        method="ListMetrics",
        transport="grpc",
        request_id="id-1",
        clock=clock,
        started=started,
        deadline=started + 10,
        streaming=streaming,
        repeated=repeated,
    )


def count_everything(telemetry: Telemetry) -> None:
    """Let happen whatever can be counted."""
    call = a_call(repeated=True)
    call.outcomes = [SourceOutcome(source="crm")]
    with telemetry.in_flight(call):
        telemetry.ended(call)
    rpc = telemetry.grpc.of("/package.Service/Method")
    rpc.started()
    rpc.ended("OK", 0.001, sent=1, received=1)
    route = telemetry.http.of("GET", "/v1/metrics")
    route.started()
    route.ended(200, 0.001, sent=1, received=0)
    _ask(telemetry.sources)
    _keep(telemetry.federation)


def _ask(sources: Meter) -> None:
    meter = sources.of("crm")
    meter.attempted("ok")
    meter.retried(allowed=True)
    meter.waited("bulkhead", 0.1)
    meter.refused("circuit")
    meter.circuit("open")
    meter.lowered(2.5)


def _keep(federation: FederationMeter) -> None:
    federation.looked_up("crm", "memory", "miss")
    federation.coalesced("crm")
    federation.revalidated("crm", "answered")
    federation.drifted("crm", "unknown", 2)
    federation.held(entries=1, size=1000)
    federation.evicted("size")
    federation.sharing_failed("get")
