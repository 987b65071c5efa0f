"""The configuration: one TOML file, overridden by the environment. Nothing else here reads either."""

import copy
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

import adapters
from adapters import Adapter
from adapters.settings import SourceSettings
from gateway.settings_errors import SECRETS, SUFFIXES, ConfigurationError, explain, unknown

PREFIX = "ANALYTICS_GATEWAY_"
CONFIG = f"{PREFIX}CONFIG"
"""Names the file, where no option of the command line does."""

_SECTIONS = ("server", "sources")
_SOURCE_ID = re.compile(r"[a-z][a-z0-9_]{0,63}")
_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_KUBERNETES = re.compile(
    r"([A-Z0-9_]+_)?(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT(_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)?)"
)
"""What Kubernetes puts into each pod for services whose names begin as our variables do:
https://kubernetes.io/docs/concepts/services-networking/service/#environment-variables.
"""

_LAST_PORT = 65_535
_LARGEST_SECRET = 64 * 1024

Table = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a front listens."""

    host: str
    port: int
    """0 picks a free one."""

    def __str__(self) -> str:
        """`HOST:PORT`, with an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: object) -> Address:
    """Read `HOST:PORT`.

    Raises:
        ValueError: it has another form.
    """
    match = re.fullmatch(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<host>[^\[\]:]+)):(?P<port>[0-9]{1,5})", str(text))
    if match is None or int(match["port"]) > _LAST_PORT:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return Address(host=match["v6"] or match["host"], port=int(match["port"]))


_AddressField = Annotated[Address, BeforeValidator(parse_address)]
_Seconds = Annotated[float, Field(gt=0, le=86_400)]


class ServerSettings(BaseModel):
    """The table `[server]`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grpc_address: _AddressField = Address(host="127.0.0.1", port=50051)
    rest_address: _AddressField = Address(host="127.0.0.1", port=8080)
    default_timeout: _Seconds = 10.0
    """Seconds that a call may take whose caller names no time."""
    longest_timeout: _Seconds = 60.0
    """Seconds that a call may take, whatever its caller asks for."""
    longest_stream: _Seconds = 3600.0
    """Seconds that a stream may take."""
    grace: Annotated[float, Field(ge=0, le=3600)] = 10.0
    """Seconds that calls under way have to finish when the gateway stops."""


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
    tables = _read(config, environ) if sources is None else {"sources": copy.deepcopy(dict(sources))}
    for name in tables.keys() - set(_SECTIONS):
        raise unknown(name, _SECTIONS)
    for path, value in _overrides(environ):
        _override(tables, path, value)
    for key, value in (server or {}).items():
        _override(tables, ("server", key), value)
    return Settings(
        server=_validated(ServerSettings, "server", _table(tables, "server")),
        sources=_sources(_table(tables, "sources"), environ),
    )


def _sources(tables: Table, environ: Mapping[str, str]) -> tuple[ConfiguredSource, ...]:
    if not tables:
        raise ConfigurationError(
            "sources: none is configured; name a file with --config, or try the simulated ones with --sandbox"
        )
    installed = adapters.installed()
    return tuple(_source(id_, _table(tables, id_, "sources."), installed, environ) for id_ in sorted(tables))


def _source(id_: str, table: Table, installed: Mapping[str, Adapter], environ: Mapping[str, str]) -> ConfiguredSource:
    key = f"sources.{id_}"
    if not _SOURCE_ID.fullmatch(id_):
        raise ConfigurationError(f"{key}: an id is a lower-case letter, then at most 63 of a-z, 0-9 and _")
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in installed:
        instead = f", not {kind!r}" if isinstance(kind, str) else ""
        raise ConfigurationError(f"{key}.kind: must be one of {', '.join(installed)}{instead}")
    adapter = installed[kind]
    table = _with_secrets(key, table, environ)
    return ConfiguredSource(id=id_, adapter=adapter, settings=_validated(adapter.settings, key, table))


_M = TypeVar("_M", bound=BaseModel)


def _validated(model: type[_M], prefix: str, table: Table) -> _M:
    try:
        return model.model_validate(table)
    except ValidationError as error:
        # The cause would show the values, secrets among them, in a traceback.
        raise explain(error, prefix, model, table) from None


def _table(tables: Mapping[str, Any], name: str, prefix: str = "") -> Table:
    table = tables.get(name, {})
    if not isinstance(table, dict):
        raise ConfigurationError(f"{prefix}{name}: must be a table")
    return table


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
    if SECRETS in folders:
        for other in _spellings(_stem(key)):
            tables.pop(other, None)
    tables[key] = value


def _with_secrets(prefix: str, table: Table, environ: Mapping[str, str]) -> Table:
    """The table with each secret in its place, wherever it stood."""
    auth = table.get(SECRETS)
    if not isinstance(auth, dict):
        return table
    secrets: Table = {}
    for key, value in auth.items():
        stem = _stem(key)
        given = [spelling for spelling in _spellings(stem) if spelling in auth]
        if len(given) > 1:
            raise ConfigurationError(f"{prefix}.{SECRETS}.{stem}: given {len(given)} times, as {' and '.join(given)}")
        secrets[stem] = value if key == stem else _secret(f"{prefix}.{SECRETS}.{key}", value, environ)
    return {**table, SECRETS: secrets}


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
    try:
        with path.open(encoding="utf-8") as file:
            text = file.read(_LARGEST_SECRET + 1)
    except OSError as error:
        raise ConfigurationError(f"{key}: {path} cannot be read: {error.strerror}") from error
    except ValueError as error:
        wrong = "is not text in UTF-8" if isinstance(error, UnicodeDecodeError) else "is no path"
        raise ConfigurationError(f"{key}: {str(path)!r} {wrong}") from None
    if len(text) > _LARGEST_SECRET:
        raise ConfigurationError(f"{key}: {path} is larger than 64 KiB; that is no secret")
    return text.removesuffix("\n").removesuffix("\r")


def _stem(key: str) -> str:
    for suffix in SUFFIXES:
        if key.endswith(suffix) and len(key) > len(suffix):
            return key.removesuffix(suffix)
    return key


def _spellings(stem: str) -> tuple[str, ...]:
    return (stem, *(stem + suffix for suffix in SUFFIXES))
