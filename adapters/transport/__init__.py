"""The one place that speaks HTTP to an upstream: attempts, retries, limits, and tolerant reading."""

from adapters.transport.credentials import BasicAuth, BearerAuth
from adapters.transport.decoding import TolerantDecoder
from adapters.transport.request import Request
from adapters.transport.upstream import Upstream, open_upstream

__all__ = ["BasicAuth", "BearerAuth", "Request", "TolerantDecoder", "Upstream", "open_upstream"]
