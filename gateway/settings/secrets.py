"""Secrets that stand elsewhere: in a file of their own, or in a variable of the environment."""

import re
from collections.abc import Collection, Mapping
from pathlib import Path

from gateway.settings.errors import ConfigurationError
from gateway.settings.tables import Table, spellings, stem_of

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_LARGEST_SECRET = 64 * 1024


def resolved(prefix: str, table: Table, known: Collection[str], environ: Mapping[str, str]) -> Table:
    """A table with the secrets that stand elsewhere in place of where they stand.

    `known` are the keys of secrets, without a suffix. Whoever reads the table looks after all others.

    Raises:
        ConfigurationError: one is given twice, or cannot be read. `prefix` is the table's own key.
    """
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
