"""The gRPC front: handlers built from the contract, health and reflection."""

from gateway.rpc.health import Health
from gateway.rpc.server import build_server

__all__ = ["Health", "build_server"]
