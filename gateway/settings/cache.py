"""The table `[cache]`: how much is kept, and what the replicas share. For how long, each source's own table says."""

import importlib.util
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import SplitResult, parse_qs, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from adapters.settings.host import check_host
from gateway.settings.errors import SECRET_KEYS
from gateway.settings.secrets import resolved
from gateway.settings.tables import Table, table_of, validated

_SCHEMES = ("redis", "rediss", "unix")
_OPTIONS = frozenset({"db"})
"""What may follow the `?` of the URL. The client takes more, with which our own limits could be undone."""
_TLS_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_TLS_OPTIONS = _OPTIONS.union(_TLS_FILES)
"""The same with TLS. Without, the client fails at each of these when it connects."""


class CacheSettings(BaseModel):
    """The table `[cache]`."""

    # An error would otherwise repeat the URL, password included.
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    max_bytes: Annotated[int, Field(ge=0, le=64 * 1024**3)] = 64 * 1024**2
    """Bytes of memory for observations, as their own size and that of their encoded answers are known; 0 keeps nothing.
    An answer has some kilobytes: this is room for thousands of different questions in a small container.
    """
    redis_url: SecretStr | None = None
    """Redis or Valkey, 6 or newer, in which replicas share. None: each replica is on its own."""
    redis_timeout: Annotated[float, Field(gt=0, le=1)] = 0.05
    """Seconds that a call waits for the server. It answers in one; after fifty, asking the upstream is the better use
    of the call's time.
    """
    redis_prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")] = "analytics-gateway"
    """What all keys begin with: gateways that share a server and no answers have different ones."""

    @field_validator("redis_url")
    @classmethod
    def _can_be_used(cls, url: SecretStr | None) -> SecretStr | None:
        """Find out at the start what would otherwise make every operation fail. No message repeats the URL."""
        if url is None:
            return None
        try:
            parts = urlsplit(url.get_secret_value())
            options = parse_qs(parts.query, keep_blank_values=True)
            _check_numbers(parts, options.get("db", []))
            check_host(parts.hostname)
        except ValueError:
            raise ValueError("is no URL such as redis://host:6379/0") from None
        if parts.scheme not in _SCHEMES or not (parts.path if parts.scheme == "unix" else parts.hostname):
            raise ValueError("must be redis://HOST:PORT, rediss://HOST:PORT (TLS) or unix:///PATH; Valkey has the same")
        allowed = _TLS_OPTIONS if parts.scheme == "rediss" else _OPTIONS
        if parts.fragment or not options.keys() <= allowed:
            raise ValueError(f"may have no options but {', '.join(sorted(allowed))} with {parts.scheme}://")
        for option in _TLS_FILES:
            if not all(map(_can_be_read, options.get(option, []))):
                raise ValueError(f"names a file as {option} that cannot be read")
        if importlib.util.find_spec("redis") is None:
            raise ValueError('needs the package redis: install "analytics-gateway[redis]"')
        return url


def cache_settings(tables: Table, environ: Mapping[str, str]) -> CacheSettings:
    """What the whole configuration says of the cache.

    Raises:
        ConfigurationError: a key is unknown or wrong, or a secret cannot be read.
    """
    table = resolved("cache", table_of(tables, "cache"), SECRET_KEYS, environ)
    return validated(CacheSettings, "cache", table)


def _check_numbers(parts: SplitResult, databases: Sequence[str]) -> None:
    """Raise ValueError if the port is none, or a database is no number: in the path, or as an option."""
    _ = parts.port
    in_path = [] if parts.scheme == "unix" or parts.path in {"", "/"} else [parts.path.removeprefix("/")]
    if not all(number.isascii() and number.isdecimal() for number in [*in_path, *databases]):
        raise ValueError(databases)


def _can_be_read(path: str) -> bool:
    return Path(path).is_file() and os.access(path, os.R_OK)
