"""The whole configuration: the server's table, and each source's with its secrets in their places."""

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import adapters
from adapters import Adapter
from adapters.settings import SourceSettings
from gateway.settings.errors import SECRETS, ConfigurationError, known_keys
from gateway.settings.server import ServerSettings, server_settings
from gateway.settings.tables import Table, read_tables, spellings, stem_of, table_of, validated

_SOURCE_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_LARGEST_SECRET = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredSource:
    """One table `[sources.<id>]`."""

    id: str
    adapter: Adapter
    settings: SourceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration."""

    server: ServerSettings
    sources: tuple[ConfiguredSource, ...]
    """Sorted by id."""


def load_settings(
    config: Path | None,
    *,
    sources: Mapping[str, Any] | None = None,
    server: Mapping[str, str] | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """The configuration of the file, the environment, and `server`, which the command line gives. The last one wins.

    Without `config` the file is the one that `ANALYTICS_GATEWAY_CONFIG` names, if it does. With `sources`, the tables
    `[sources.<id>]`, no file is read.

    Raises:
        ConfigurationError: a key is unknown, missing or wrong, or a file cannot be read.
    """
    tables = read_tables(config, sources=sources, server=server, environ=environ)
    return Settings(server=server_settings(tables), sources=_sources(table_of(tables, "sources"), environ))


def _sources(tables: Table, environ: Mapping[str, str]) -> tuple[ConfiguredSource, ...]:
    if not tables:
        raise ConfigurationError(
            "sources: none is configured; name a file with --config, or try the simulated ones with serve --sandbox"
        )
    installed = adapters.installed()
    return tuple(_source(id_, table_of(tables, id_, "sources."), installed, environ) for id_ in sorted(tables))


def _source(id_: str, table: Table, installed: Mapping[str, Adapter], environ: Mapping[str, str]) -> ConfiguredSource:
    key = f"sources.{id_}"
    if not _SOURCE_ID.fullmatch(id_):
        raise ConfigurationError(f"{key}: an id is a lower-case letter, then at most 63 of a-z, 0-9 and _")
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in installed:
        instead = f", not {kind!r}" if isinstance(kind, str) else ""
        raise ConfigurationError(f"{key}.kind: must be one of {', '.join(installed)}{instead}")
    adapter = installed[kind]
    table = _with_secrets(key, table, adapter.settings, environ)
    return ConfiguredSource(id=id_, adapter=adapter, settings=validated(adapter.settings, key, table))


def _with_secrets(prefix: str, table: Table, model: type[SourceSettings], environ: Mapping[str, str]) -> Table:
    """The table with each secret in its place, wherever it stood."""
    return {
        name: _resolved(f"{prefix}.{name}", value, known_keys(model, (name,)), environ)
        if name in SECRETS and isinstance(value, dict)
        else value
        for name, value in table.items()
    }


def _resolved(prefix: str, table: Table, known: Collection[str], environ: Mapping[str, str]) -> Table:
    """A table that holds secrets, with what stands elsewhere in place of where it stands."""
    resolved: Table = {}
    for key, value in table.items():
        # `key_file` is a key in its own right; `token_file` is not, but `token` is.
        stem = key if key in known or stem_of(key) not in known else stem_of(key)
        given = [spelling for spelling in spellings(stem) if spelling in table]
        if len(given) > 1:
            raise ConfigurationError(f"{prefix}.{stem}: given {len(given)} times, as {' and '.join(given)}")
        resolved[stem] = value if key == stem else _secret(f"{prefix}.{key}", value, environ)
    return resolved


def _secret(key: str, where: object, environ: Mapping[str, str]) -> str:
    if not isinstance(where, str):
        raise ConfigurationError(f"{key}: must be a text")
    if key.endswith("_file"):
        return _secret_file(key, Path(where))
    if where not in environ:
        # What does not look like a name may be the secret itself, put into the wrong key.
        name = repr(where) if _VARIABLE.fullmatch(where) else "of that name"
        raise ConfigurationError(f"{key}: there is no environment variable {name}")
    return environ[where]


def _secret_file(key: str, path: Path) -> str:
    """A secret from its file, without the newline that editors put at the end."""
    # What is no full path may be the secret itself, put into the wrong key.
    shown = str(path) if path.is_absolute() else "the file of that name"
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LARGEST_SECRET + 1)
    except OSError as error:
        raise ConfigurationError(f"{key}: {shown} cannot be read: {error.strerror}") from None
    except ValueError as error:
        wrong = "is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else "cannot be: that is no path"
        raise ConfigurationError(f"{key}: {shown} {wrong}") from None
    if len(text) > _LARGEST_SECRET:
        raise ConfigurationError(f"{key}: {shown} is larger than 64 KiB; that is no secret")
    return text.removesuffix("\n").removesuffix("\r")
