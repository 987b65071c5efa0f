"""grpc.health.v1: whether the gateway takes calls, as a whole and per service. Asks no upstream."""

import asyncio
from collections.abc import AsyncGenerator, Iterable

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse, HealthListRequest, HealthListResponse

SERVICE = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name

_Context = grpc.aio.ServicerContext[HealthCheckRequest, HealthCheckResponse]
_ListContext = grpc.aio.ServicerContext[HealthListRequest, HealthListResponse]


class Health:
    """Serving from its making until `stop_serving`.

    grpcio-health-checking's own asyncio servicer lacks `List`, and one watcher that does not read would block its
    changes of state.
    """

    def __init__(self, services: Iterable[str]) -> None:
        """Tell of these services, by full name, and of the whole under the empty name."""
        self._names = frozenset(("", *services))
        self._stopped = asyncio.Event()

    @property
    def serving(self) -> bool:
        """Whether calls are taken."""
        return not self._stopped.is_set()

    def stop_serving(self) -> None:
        """Say from now on, also to those who watch, that no calls are taken."""
        self._stopped.set()

    async def check(self, request: HealthCheckRequest, context: _Context) -> HealthCheckResponse:
        """The present status; NOT_FOUND for a service that is not served."""
        if request.service not in self._names:
            await context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return self._status(request.service)

    async def list(self, _request: HealthListRequest, _context: _ListContext) -> HealthListResponse:
        """The present status of everything."""
        return HealthListResponse(statuses={name: self._status(name) for name in self._names})

    async def watch(self, request: HealthCheckRequest, _context: object) -> AsyncGenerator[HealthCheckResponse]:
        """The present status, and the last one when it changes; then the stream ends, so as not to hold up the stop."""
        # The stop may come while the first status is being sent: what counts is whether that one told of it.
        was_serving = self.serving
        yield self._status(request.service)
        if was_serving:
            await self._stopped.wait()
            yield self._status(request.service)

    def handler(self) -> grpc.GenericRpcHandler:
        """What a server needs to answer with all this."""
        check = grpc.unary_unary_rpc_method_handler(
            self.check, HealthCheckRequest.FromString, HealthCheckResponse.SerializeToString
        )
        watch = grpc.unary_stream_rpc_method_handler(
            self.watch, HealthCheckRequest.FromString, HealthCheckResponse.SerializeToString
        )
        everything = grpc.unary_unary_rpc_method_handler(
            self.list, HealthListRequest.FromString, HealthListResponse.SerializeToString
        )
        return grpc.method_handlers_generic_handler(SERVICE, {"Check": check, "List": everything, "Watch": watch})

    def _status(self, service: str) -> HealthCheckResponse:
        if service not in self._names:
            return HealthCheckResponse(status=HealthCheckResponse.SERVICE_UNKNOWN)
        return HealthCheckResponse(
            status=HealthCheckResponse.SERVING if self.serving else HealthCheckResponse.NOT_SERVING
        )
