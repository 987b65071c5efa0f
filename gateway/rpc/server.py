"""The gRPC server, ready to be given a port and started."""

from collections.abc import Iterator

import grpc

from gateway.contract import Contract
from gateway.pipeline import Pipeline
from gateway.rpc.handlers import Handlers
from gateway.rpc.health import Health
from gateway.rpc.reflection import reflection_handlers
from gateway.settings.server import ServerSettings

_OPTIONS = (
    # Twice what a valid request can have. Even to find an invalid one takes time in which nobody else is served.
    ("grpc.max_receive_message_length", 1024 * 1024),
    # Unless told otherwise, gRPC hangs up on a client whose pings come more often than every five minutes, and many a
    # load balancer cuts connections that are idle for less.
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # Requests are small: it is not worth 3 % of a call to measure, with pings of our own, how much of them the network
    # can hold.
    ("grpc.http2.bdp_probe", 0),
    # A client that vanished without a word is noticed, and its streams end.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)
_DEFAULTS = ServerSettings()


def build_server(
    contract: Contract, pipeline: Pipeline, health: Health, settings: ServerSettings = _DEFAULTS
) -> grpc.aio.Server:
    """A server of the contract's services, of health, and of reflection in both versions. It has no port yet."""
    server = grpc.aio.server(options=(*_OPTIONS, *_connections(settings)))
    server.add_generic_rpc_handlers(
        (Handlers(contract, pipeline), health.handler(), *reflection_handlers(contract.services))
    )
    return server


def _connections(settings: ServerSettings) -> Iterator[tuple[str, int]]:
    # gRPC would share a port unless told otherwise, and nobody would notice the second server.
    yield "grpc.so_reuseport", int(settings.reuse_port)
    # The client is told to make another connection for its next calls; those under way stay on the old one until they
    # end by themselves. What has no end, as a watch of the health, is cut when even a stream would have ended.
    yield "grpc.max_connection_age_ms", round(settings.max_connection_age * 1000)
    longest = max(settings.longest_timeout, settings.longest_stream)
    yield "grpc.max_connection_age_grace_ms", round(longest * 1000)
