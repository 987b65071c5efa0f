"""What can happen to a connection, in our own words."""

from collections.abc import Generator
from contextlib import contextmanager

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from adapters.errors import InvalidResponseError, SourceError, UnreachableError

# The first that fits counts: the special ones come before those they are kinds of.
_FAILURES: tuple[tuple[type[Exception], type[SourceError], str], ...] = (
    (
        aiohttp.ClientConnectorDNSError,
        UnreachableError,
        "The upstream's host name could not be resolved: check base_url and the DNS.",
    ),
    (
        aiohttp.ClientConnectorCertificateError,
        UnreachableError,
        "The upstream's TLS certificate is not trusted: check its host name, its dates, and who issued it.",
    ),
    (
        aiohttp.ClientConnectorSSLError,
        UnreachableError,
        "No TLS connection to the upstream: check that base_url's port speaks TLS.",
    ),
    (
        aiohttp.ClientConnectorError,
        UnreachableError,
        "No connection to the upstream: check base_url, and whether the upstream is running.",
    ),
    (aiohttp.ServerDisconnectedError, UnreachableError, "The upstream hung up without an answer."),
    (aiohttp.ClientPayloadError, UnreachableError, "The upstream's answer broke off, or could not be decompressed."),
    (aiohttp.ClientConnectionError, UnreachableError, "The connection to the upstream broke."),
    (Exception, InvalidResponseError, "The upstream's answer is not valid HTTP: check base_url's scheme and port."),
)


@contextmanager
def network_errors() -> Generator[None]:
    """Raise as a `SourceError` what aiohttp raises about a connection.

    Only errors of connecting keep their cause. The others hold the request's URL or the answer's headers, and with them
    perhaps a person's name or a cookie, which a log would show with the traceback.
    """
    try:
        yield
    except (aiohttp.ClientError, HttpProcessingError) as error:
        raise _translated(error) from (error if isinstance(error, aiohttp.ClientConnectorError) else None)


def _translated(error: Exception) -> SourceError:
    return next(ours(text) for theirs, ours, text in _FAILURES if isinstance(error, theirs))
