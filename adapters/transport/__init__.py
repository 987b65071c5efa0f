"""The one place that speaks HTTP to an upstream: attempts, retries, limits, and tolerant reading."""

from adapters.transport.address import Address, FixedAddress
from adapters.transport.auth import BasicAuth, BearerAuth, HeaderSecret
from adapters.transport.credential import ANONYMOUS, Credential, FixedCredential
from adapters.transport.decoding import Rows, RowsReader, TolerantDecoder
from adapters.transport.lease import Lease
from adapters.transport.opening import open_transport
from adapters.transport.renewal import Renewal
from adapters.transport.request import Request
from adapters.transport.upstream import Transport, Upstream

__all__ = [
    "ANONYMOUS",
    "Address",
    "BasicAuth",
    "BearerAuth",
    "Credential",
    "FixedAddress",
    "FixedCredential",
    "HeaderSecret",
    "Lease",
    "Renewal",
    "Request",
    "Rows",
    "RowsReader",
    "TolerantDecoder",
    "Transport",
    "Upstream",
    "open_transport",
]
