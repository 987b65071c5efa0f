"""Reads upstreams' JSON tolerantly: a departure from the documentation costs its field, and is noted."""

from adapters.transport.decoding.decoder import TolerantDecoder
from adapters.transport.decoding.rows import Rows, RowsReader

__all__ = ["Rows", "RowsReader", "TolerantDecoder"]
