"""Reads upstreams' JSON tolerantly: a departure from the documentation costs its field, and is noted."""

from adapters.transport.decoding.decoder import TolerantDecoder

__all__ = ["TolerantDecoder"]
