"""The whole configuration: the tables of the server and the cache, and each source's, with secrets in their places."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import adapters
from adapters import Adapter
from adapters.settings import SourceSettings
from gateway.settings.cache import CacheSettings, cache_settings
from gateway.settings.errors import SECRETS, ConfigurationError, known_keys
from gateway.settings.secrets import resolved
from gateway.settings.server import ServerSettings, server_settings
from gateway.settings.tables import Table, read_tables, table_of, validated

_SOURCE_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfiguredSource:
    """One table `[sources.<id>]`."""

    id: str
    adapter: Adapter
    settings: SourceSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The whole configuration."""

    server: ServerSettings = field(default_factory=ServerSettings)
    cache: CacheSettings = field(default_factory=CacheSettings)
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
    return Settings(
        server=server_settings(tables),
        cache=cache_settings(tables, environ),
        sources=_sources(table_of(tables, "sources"), environ),
    )


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
        name: resolved(f"{prefix}.{name}", value, known_keys(model, (name,)), environ)
        if name in SECRETS and isinstance(value, dict)
        else value
        for name, value in table.items()
    }
