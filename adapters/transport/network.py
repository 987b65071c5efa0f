"""What can happen to a connection, in our own words."""

from collections.abc import Generator
from contextlib import contextmanager
from http import HTTPStatus

import aiohttp
from aiohttp.http_exceptions import HttpProcessingError

from adapters.errors import InvalidResponseError, SourceError, UnreachableError
from adapters.transport.tls_failures import tls_failure


class NotConnectableError(UnreachableError):
    """No connection, and none before somebody has changed something: a certificate, or what a proxy allows."""

    retryable = False


_Failures = tuple[tuple[type[Exception], type[SourceError], str], ...]

# In each table the first that fits counts: the special ones come before those they are kinds of.
_EXCHANGING: _Failures = (
    (aiohttp.ServerDisconnectedError, UnreachableError, "The upstream hung up without an answer."),
    (aiohttp.ClientPayloadError, UnreachableError, "The upstream's answer broke off, or could not be decompressed."),
    (aiohttp.ClientConnectionError, UnreachableError, "The connection to the upstream broke."),
    (Exception, InvalidResponseError, "The upstream's answer is not valid HTTP: check base_url's scheme and port."),
)

_CONNECTING: _Failures = (
    (
        aiohttp.ClientConnectorDNSError,
        UnreachableError,
        "The upstream's host name could not be resolved: check base_url and the DNS.",
    ),
    (
        aiohttp.ClientConnectorSSLError,
        UnreachableError,
        "No TLS connection to the upstream: check that base_url's port speaks TLS.",
    ),
    (
        Exception,
        UnreachableError,
        "No connection to the upstream: check base_url, and whether the upstream is running.",
    ),
)

_CONNECTING_BY_PROXY: _Failures = (
    (
        aiohttp.ClientConnectorDNSError,
        UnreachableError,
        "The proxy's host name could not be resolved: check proxy.url and the DNS.",
    ),
    (
        aiohttp.ClientProxyConnectionError,
        UnreachableError,
        "No connection to the proxy: check proxy.url, and whether the proxy is running.",
    ),
    (
        aiohttp.ClientConnectorError,
        UnreachableError,
        "No TLS connection through the proxy: check that base_url's port speaks TLS.",
    ),
    (
        aiohttp.ClientConnectionError,
        UnreachableError,
        "The proxy hung up: check that proxy.url is a proxy, and lets us through to the upstream.",
    ),
    (Exception, NotConnectableError, "What is at proxy.url does not answer as a proxy does: check its host and port."),
)

_TOO_SLOW = (
    "No connection to the upstream within {:.3g} s (connect_timeout): check base_url, and whether something in between "
    "drops what we send."
)
_TOO_SLOW_BY_PROXY = (
    "No connection through the proxy within {:.3g} s (connect_timeout): check proxy.url, and whether the proxy itself "
    "gets through to the upstream."
)
PROXY_WANTS_PROOF = (
    "The proxy does not know us, or not by this password ({}): check proxy.username and proxy.password. "
    "Where no proxy is configured, one stands in the way."
)
_PROXY_REFUSES = "The proxy does not let us through to the upstream ({}): have that host and port allowed there."
_PROXY_FAILS = "The proxy got no connection to the upstream ({}): check base_url, and whether the upstream is running."


NETWORK_ERRORS = (aiohttp.ClientError, HttpProcessingError)
"""What aiohttp raises about an exchange on a connection."""


def exchange_failure(error: Exception) -> SourceError:
    """One of `NETWORK_ERRORS` in our own words, to be raised `from None`.

    Nothing is kept of their errors: they hold the request's URL or the answer's headers, and with them perhaps a
    person's name or a cookie, which a log would show with the traceback.
    """
    return _translated(error, _EXCHANGING)


@contextmanager
def connecting_errors(*, allowed: float, by_proxy: bool) -> Generator[None]:
    """Raise as a `SourceError` what aiohttp raises while it connects; a `TimeoutError` says that `allowed` have passed.

    Only errors of connecting keep their cause, which names host and port.
    """
    try:
        yield
    except TimeoutError:
        text = _TOO_SLOW_BY_PROXY if by_proxy else _TOO_SLOW
        raise UnreachableError(text.format(allowed)) from None
    except aiohttp.ClientHttpProxyError as error:
        raise _refused_by_proxy(error.status) from None
    except NETWORK_ERRORS as error:
        failures = _CONNECTING_BY_PROXY if by_proxy else _CONNECTING
        cause = error if isinstance(error, aiohttp.ClientConnectorError) else None
        raise _translated(error, failures) from cause


def _translated(error: Exception, failures: _Failures) -> SourceError:
    if (why := tls_failure(error)) is not None:
        return NotConnectableError(why)
    return next(ours(text) for theirs, ours, text in failures if isinstance(error, theirs))


def _refused_by_proxy(status: int) -> SourceError:
    if status == HTTPStatus.PROXY_AUTHENTICATION_REQUIRED:
        return NotConnectableError(PROXY_WANTS_PROOF.format(status))
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return UnreachableError(_PROXY_FAILS.format(status))
    return NotConnectableError(_PROXY_REFUSES.format(status))
