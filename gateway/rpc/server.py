"""The gRPC server, ready to be given a port and started."""

import grpc

from gateway.contract import Contract
from gateway.pipeline import Pipeline
from gateway.rpc.handlers import handlers
from gateway.rpc.health import Health
from gateway.rpc.reflection import reflection_handlers

_OPTIONS = (
    # Two servers on one port would share its connections, and nobody would notice the second.
    ("grpc.so_reuseport", 0),
    # Twice what a valid request can have. Even to find an invalid one takes time in which nobody else is served.
    ("grpc.max_receive_message_length", 1024 * 1024),
    # Unless told otherwise, gRPC hangs up on a client whose pings come more often than every five minutes, and many a
    # load balancer cuts connections that are idle for less.
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    ("grpc.keepalive_permit_without_calls", 1),
    # A client that vanished without a word is noticed, and its streams end.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
)


def build_server(contract: Contract, pipeline: Pipeline, health: Health) -> grpc.aio.Server:
    """A server of the contract's services, of health, and of reflection in both versions. It has no port yet."""
    server = grpc.aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers(
        (*handlers(contract, pipeline), health.handler(), *reflection_handlers(contract.services))
    )
    return server
