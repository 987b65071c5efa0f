"""What each front counts of its own protocol, by the names that are usual there."""

from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from gateway.pipeline.telemetry.buckets import BYTES, HTTP_SECONDS, RPC_SECONDS
from gateway.pipeline.telemetry.numbers import Counters, Gauges, Histograms, Number, Spread

_VERBS: Final = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE"})
_OTHER: Final = "_OTHER"
"""What OpenTelemetry calls a method that it does not know, so that callers cannot invent label values."""


class _Exchange:
    """How long exchanges took, and how much was transferred: one series of each."""

    __slots__ = ("_received", "_seconds", "_sent")

    def __init__(self, seconds: Spread, sent: Spread, received: Spread) -> None:
        self._seconds, self._sent, self._received = seconds, sent, received

    def observe(self, seconds: float, sent: int, received: int) -> None:
        self._seconds.observe(seconds)
        self._sent.observe(sent)
        self._received.observe(received)


class _Exchanges:
    """The same for all values of the labels."""

    def __init__(self, seconds: Histograms, sent: Histograms, received: Histograms) -> None:
        self._seconds, self._sent, self._received = seconds, sent, received

    def of(self, *labels: str) -> _Exchange:
        return _Exchange(self._seconds.of(*labels), self._sent.of(*labels), self._received.of(*labels))


class GrpcMetrics:
    """Server metrics of gRFC A66, as OpenTelemetry's exporter spells them for Prometheus."""

    def __init__(self, registry: CollectorRegistry) -> None:
        """Count in the registry."""
        labels = ("grpc_method", "grpc_status")

        def histogram(name: str, meaning: str, bounds: Sequence[float]) -> Histograms:
            return Histograms(f"grpc_server_call_{name}", meaning, labels, registry, bounds=bounds)

        self._started = Counters("grpc_server_call_started", "Calls that arrived", labels[:1], registry)
        self._exchanges = _Exchanges(
            histogram("duration_seconds", "From a call's arrival to its end", RPC_SECONDS),
            histogram("sent_total_compressed_message_size_bytes", "All messages sent in a call", BYTES),
            histogram("rcvd_total_compressed_message_size_bytes", "All messages received in a call", BYTES),
        )

    def of(self, path: str) -> "RpcMeter":
        """What counts the calls of a method that is served; `path` is its gRPC path, `/package.Service/Method`."""
        return RpcMeter(path.removeprefix("/"), self._started, self._exchanges)


class RpcMeter:
    """Counts the calls of one method."""

    __slots__ = ("_by_status", "_exchanges", "_method", "_started")

    def __init__(self, method: str, started: Counters, exchanges: _Exchanges) -> None:
        """`method`: `package.Service/Method`."""
        self._method = method
        self._started = started.of(method)
        self._exchanges = exchanges
        self._by_status: dict[str, _Exchange] = {}

    def started(self) -> None:
        """A call has arrived."""
        self._started.value += 1

    def ended(self, status: str, seconds: float, *, sent: int, received: int) -> None:
        """A call has ended with a status such as `OK`; `sent` and `received` are the bytes of its messages."""
        exchange = self._by_status.get(status)
        if exchange is None:
            exchange = self._by_status[status] = self._exchanges.of(self._method, status)
        exchange.observe(seconds, sent, received)


class HttpMetrics:
    """Server metrics of OpenTelemetry's semantic conventions for HTTP, as its exporter spells them for Prometheus.

    Without `url_scheme`: the front speaks plain HTTP, and does not know what a proxy before it speaks.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        """Count in the registry."""
        labels = ("http_request_method", "http_route", "http_response_status_code")

        def histogram(name: str, meaning: str, bounds: Sequence[float]) -> Histograms:
            return Histograms(f"http_server_{name}", meaning, labels, registry, bounds=bounds)

        self._active = Gauges("http_server_active_requests", "Requests that have not ended", labels[:1], registry)
        self._exchanges = _Exchanges(
            histogram("request_duration_seconds", "From a request's arrival to its end", HTTP_SECONDS),
            histogram("response_body_size_bytes", "Body of a response, as it was sent", BYTES),
            histogram("request_body_size_bytes", "Body of a request, as it was received", BYTES),
        )
        self._meters: dict[tuple[str, str], RouteMeter] = {}

    def of(self, verb: str, route: str) -> "RouteMeter":
        """What counts the requests of a method to a route: `/v1/sources/{source}`, or the empty text for no route."""
        key = (verb if verb in _VERBS else _OTHER, route)
        meter = self._meters.get(key)
        if meter is None:
            meter = self._meters[key] = RouteMeter(*key, self._active.of(key[0]), self._exchanges)
        return meter


class RouteMeter:
    """Counts the requests to one route."""

    __slots__ = ("_active", "_by_status", "_exchanges", "_route", "_verb")

    def __init__(self, verb: str, route: str, active: Number, exchanges: _Exchanges) -> None:
        """`active` is shared with other routes: when it is counted, the route is not known to who reads it."""
        self._verb, self._route = verb, route
        self._active = active
        self._exchanges = exchanges
        self._by_status: dict[int, _Exchange] = {}

    def started(self) -> None:
        """A request has arrived."""
        self._active.value += 1

    def ended(self, status: int, seconds: float, *, sent: int, received: int) -> None:
        """A request has ended. `sent` and `received` are the bytes of the bodies, as they were transferred."""
        self._active.value -= 1
        exchange = self._by_status.get(status)
        if exchange is None:
            exchange = self._by_status[status] = self._exchanges.of(self._verb, self._route, str(status))
        exchange.observe(seconds, sent, received)
