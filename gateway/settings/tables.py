"""The configuration as tables: one TOML file, overridden by the environment, and that by the command line."""

import copy
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gateway.settings.errors import SECRET_KEYS, SECRETS, SUFFIXES, ConfigurationError, explain, truths, unknown

PREFIX = "ANALYTICS_GATEWAY_"
CONFIG = f"{PREFIX}CONFIG"
"""Names the file, where no option of the command line does."""

_SECTIONS = ("cache", "server", "sources")
_KUBERNETES = re.compile(
    r"([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)?)"
)
"""What Kubernetes puts into each pod for services whose names begin as our variables do:
https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables.
"""

Table = dict[str, Any]


def read_tables(
    config: Path | None,
    *,
    sources: Mapping[str, Any] | None = None,
    server: Mapping[str, str] | None = None,
    environ: Mapping[str, str],
) -> Table:
    """The tables `cache`, `server` and `sources`, as far as they are given, not yet validated.

    `configuration.load_settings` tells what the arguments mean.

    Raises:
        ConfigurationError: a file cannot be read, or a section or a variable is unknown.
    """
    tables = _read(config, environ) if sources is None else {"sources": copy.deepcopy(dict(sources))}
    for name in tables.keys() - set(_SECTIONS):
        raise unknown(name, _SECTIONS)
    for path, value in _overrides(environ):
        _override(tables, path, value)
    for key, value in (server or {}).items():
        _override(tables, ("server", key), value)
    return tables


def table_of(tables: Mapping[str, Any], name: str, prefix: str = "") -> Table:
    """A table within tables, empty if there is none.

    Raises:
        ConfigurationError: it is no table. `prefix` is what the key begins with.
    """
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise ConfigurationError(f"{prefix}{name}: must be a table")
    return table


_M = TypeVar("_M", bound=BaseModel)


def validated(model: type[_M], prefix: str, table: Table) -> _M:
    """What a table says.

    Raises:
        ConfigurationError: it says something wrong. `prefix` is the table's own key.
    """
    for key, value in truths(model, table):
        raise ConfigurationError(f"{prefix}.{key}: must not be {str(value).lower()}")
    try:
        return model.model_validate(table)
    except ValidationError as error:
        # The cause would show the values, secrets among them, in a traceback.
        raise explain(error, prefix, model, table) from None


def stem_of(key: str) -> str:
    """The name of a secret, in whichever way its key gives it."""
    for suffix in SUFFIXES:
        if key.endswith(suffix) and len(key) > len(suffix):
            return key.removesuffix(suffix)
    return key


def spellings(stem: str) -> tuple[str, ...]:
    """The keys that can give a secret of this name."""
    return (stem, *(stem + suffix for suffix in SUFFIXES))


def _read(config: Path | None, environ: Mapping[str, str]) -> Table:
    named = config or environ.get(CONFIG)
    if not named:
        return {}
    try:
        return tomllib.loads(Path(named).read_text("utf-8"))
    except OSError as error:
        raise ConfigurationError(f"{named}: cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{named}: not TOML: {error}") from None


def _overrides(environ: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """Paths and values of the variables that override a key."""
    for name, value in sorted(environ.items()):
        if not name.startswith(PREFIX) or name == CONFIG:
            continue
        key = name.removeprefix(PREFIX)
        if "__" not in key and _KUBERNETES.fullmatch(key):
            continue
        path = tuple(key.lower().split("__"))
        if len(path) == 1 or path[0] not in _SECTIONS or not all(path):
            raise ConfigurationError(
                f"{name}: does not name a key, as {PREFIX}SERVER__REST_ADDRESS or {PREFIX}SOURCES__CRM__BASE_URL do"
            )
        yield path, value


def _override(tables: Table, path: tuple[str, ...], value: str) -> None:
    """Put a value in its place, and take away the other ways of giving the same secret."""
    *folders, key = path
    for folder in folders:
        tables = tables.setdefault(folder, {})
        if not isinstance(tables, dict):
            raise ConfigurationError(f"{'.'.join(folders)}: must be a table")
    if not SECRETS.isdisjoint(folders[2:]) or stem_of(key) in SECRET_KEYS:
        for other in spellings(stem_of(key)):
            tables.pop(other, None)
    tables[key] = value
