"""The REST front: routes, JSON, streams and documentation, all read from the contract; no line of code per RPC."""

from gateway.rest.app import build_app, build_http_server
from gateway.rest.bindings import UnsupportedRuleError

__all__ = ["UnsupportedRuleError", "build_app", "build_http_server"]
