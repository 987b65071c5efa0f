"""The one place that speaks to Redis or Valkey, and knows the library for it."""

import re
import ssl
from collections.abc import Mapping
from typing import Protocol

MOST_CONNECTIONS = 8
"""One carries thousands of operations a second. Several, so that a large value does not hold up the small ones."""

BACKSTOP = 5.0
"""Seconds after which a connection that says nothing is given up. Nobody waits for so long: whoever asks has left by
then, and until then a slow connection may still come about."""

# X509_V_ERR_* of OpenSSL (openssl-verification-options(1)), which Python passes on as numbers.
_CERTIFICATES: Mapping[int, str] = {
    **dict.fromkeys((9, 10), "its certificate, or one that vouches for it, has expired, or is not valid yet"),
    **dict.fromkeys((62, 64), "its certificate is for another host than the one in the URL"),
    **dict.fromkeys(
        # No issuer found; self-signed; self-signed authority; no issuer here; no chain at all; not trusted.
        (2, 18, 19, 20, 21, 27),
        "its certificate is from an authority that is not trusted here: name that one's in ssl_ca_certs",
    ),
}

_ALERTS: Mapping[str, str] = {
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": (
        "it wants to see a certificate of ours: name one in ssl_certfile, and its key in ssl_keyfile"
    )
}

_CODE = re.compile(r"[A-Z]{2,20}\b")
"""What an error of the server begins with, such as READONLY or NOPERM. The rest may quote what was sent."""


class OutOfReachError(Exception):
    """The server could not be asked, or did not do it. The text says why, and holds no secret."""


class Server(Protocol):
    """Runs commands."""

    async def run(self, *command: str | bytes | int) -> object:
        """What the server answers.

        Raises:
            OutOfReachError: nothing.
        """
        ...

    async def close(self) -> None:
        """Close all connections, without waiting for anybody."""
        ...


class RedisServer:
    """A server over a few connections, which are made when they are first needed."""

    def __init__(self, url: str) -> None:
        """Connect to `url` when a command is run. It may hold a password, which nothing here shows.

        The package `redis` is needed from here on: it is optional, and `gateway.settings.cache` has looked for it.
        """
        from redis.asyncio import BlockingConnectionPool, Redis  # noqa: PLC0415 - optional, and 100 ms to import
        from redis.asyncio.retry import Retry  # noqa: PLC0415 - as above
        from redis.backoff import NoBackoff  # noqa: PLC0415 - as above

        # RESP 2 and no CLIENT SETINFO: a new connection needs no words with the server but AUTH and SELECT. Nothing is
        # retried: who asks has no time for it.
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=MOST_CONNECTIONS,
            timeout=BACKSTOP,
            socket_timeout=BACKSTOP,
            socket_connect_timeout=BACKSTOP,
            protocol=2,
            driver_info=None,
            retry=Retry(NoBackoff(), 0),
        )
        self._client = Redis(connection_pool=pool)
        self._pool = pool

    async def run(self, *command: str | bytes | int) -> object:
        """What the server answers: None, an integer, bytes, or a list of them.

        Raises:
            OutOfReachError: it could not be asked, or did not do it.
        """
        try:
            reply: object = await self._client.execute_command(*command)  # type: ignore[no-untyped-call]  # theirs
        except Exception as error:  # noqa: BLE001 - whatever the library meets, sharing is never needed
            raise OutOfReachError(_why_without_tls(error) or _why(error)) from None
        return reply

    async def close(self) -> None:
        """Close all connections, without waiting for anybody."""
        await self._pool.disconnect()


def _why(error: Exception) -> str:
    """In our own words: those of the library may quote the server, or what was sent to it."""
    from redis import exceptions  # noqa: PLC0415 - optional

    # The client makes a broken connection of a refusal that it meets while it connects.
    match error.__context__ if isinstance(error.__context__, exceptions.AuthenticationError) else error:
        case exceptions.AuthenticationError():
            return "the user or password was refused"
        case exceptions.TimeoutError():
            return "no answer in time"
        case exceptions.BusyLoadingError():
            return "it still reads its data"
        case exceptions.ConnectionError() | OSError():
            return "no connection"
        case exceptions.ResponseError():
            code = _CODE.match(str(error))
            return f"the command was refused: {code[0] if code else type(error).__name__}"
        case other:
            return f"the client failed: {type(other).__name__}"


def _why_without_tls(error: BaseException | None) -> str | None:
    """Why TLS failed, if it did. The client keeps that in what its own error came of."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return _CERTIFICATES.get(error.verify_code, "its certificate is not accepted")
        if isinstance(error, ssl.SSLError):
            return _ALERTS.get(error.reason, "there is no TLS with it")
        error = error.__cause__ or error.__context__
    return None
