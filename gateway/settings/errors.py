"""One line that tells an operator which key of the configuration is wrong, and what would be right."""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

SECRETS = frozenset({"auth", "proxy", "tls"})
"""Names of a source's tables that hold secrets: their values are never shown."""

SECRET_KEYS = frozenset({"redis_url"})
"""Names of single keys of other tables that hold a secret: their values are never shown either."""

SUFFIXES = ("_file", "_env")
"""How the key of a secret goes on when the secret stands elsewhere."""

_SCHEME = "scheme"
"""The key of `auth` that says which others there are. It stands among secrets, and is none."""

_NO_CHOICE = frozenset({"union_tag_not_found", "union_tag_invalid"})
_CHOICES = frozenset({"extra_forbidden", "literal_error", *_NO_CHOICE})
_LONGEST_VALUE = 64
# An address with a user, a query or a fragment.
_MAY_HOLD_SECRET = re.compile("[@?#]")
_LEADING_KEY = re.compile(r"(?P<key>(?P<first>[a-z][a-z0-9_]*)(\.[a-z][a-z0-9_]*)*): ")


class ConfigurationError(Exception):
    """The configuration can't be used. The text is one line that names the key, and holds no secret."""

    def __init__(self, text: str) -> None:
        """Tell it in one line, even where a key has several."""
        super().__init__(" ".join(text.splitlines()))


def unknown(key: str, known: Collection[str]) -> ConfigurationError:
    """The error about a key, written with its full path, that nobody knows."""
    close = difflib.get_close_matches(key.rsplit(".", 1)[-1], known, n=1)
    advice = f'did you mean "{close[0]}"?' if close else "known here: " + ", ".join(sorted(known))
    return ConfigurationError(f"{key}: unknown key; {advice}")


def explain(
    error: ValidationError, prefix: str, model: type[BaseModel], table: Mapping[str, Any]
) -> ConfigurationError:
    """The first thing that is wrong with a table that `prefix` names, and how many more there are.

    An unknown key comes before a missing one: it is most often what that was meant to be. So does a wrong choice, which
    decides what else is unknown.
    """
    details = error.errors(include_url=False)
    details.sort(key=lambda detail: detail["type"] not in _CHOICES)
    first = details[0]
    path = (*_keys(first, table), *_choosing(first))
    key = ".".join((prefix, *path))
    if first["type"] == "extra_forbidden":
        return unknown(key, known_keys(model, first["loc"][:-1]))
    text = _what(first, path)
    # A table that is wrong as a whole begins its text with the key that is to be changed.
    named = _LEADING_KEY.match(text)
    separator = "." if named and named["first"] in known_keys(model, first["loc"]) else ": "
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return ConfigurationError(f"{key}{separator}{text}{more}")


def _what(detail: ErrorDetails, path: Sequence[str]) -> str:
    secret = not (SECRETS | SECRET_KEYS).isdisjoint(path[:1])
    if detail["type"] in {"missing", "union_tag_not_found"}:
        alternatives = " or ".join(f'"{path[-1]}{suffix}"' for suffix in SUFFIXES)
        may_stand_elsewhere = secret and len(path) > 1 and path[-1] != _SCHEME
        return f"missing; {alternatives} can say where it stands" if may_stand_elsewhere else "missing"
    if detail["type"] == "union_tag_invalid":
        # Pydantic speaks of tags here, and in the words below where a kind of source has but one scheme.
        return f"input should be {' or '.join(detail['ctx']['expected_tags'].rsplit(', ', 1))}"
    if detail["type"] in {"model_type", "model_attributes_type"}:
        return "must be a table"
    text = detail["msg"].removeprefix("Value error, ")
    value = detail["input"]
    if secret or not isinstance(value, str | int | float) or _MAY_HOLD_SECRET.search(str(value)):
        return _begun_small(text)
    shown = value if not isinstance(value, str) or len(value) <= _LONGEST_VALUE else value[: _LONGEST_VALUE - 1] + "…"
    return f"{_begun_small(text)}, not {shown!r}"


def _begun_small(text: str) -> str:
    """As it stands behind a colon, unless it begins with an abbreviation."""
    return text if text[:2].isupper() else text[:1].lower() + text[1:]


def _choosing(detail: ErrorDetails) -> Iterator[str]:
    """The key within a table by which it is chosen what else the table takes, if that key is what is wrong."""
    if detail["type"] in _NO_CHOICE:
        yield detail["ctx"]["discriminator"].strip("'")


def _keys(detail: ErrorDetails, table: object) -> Iterator[str]:
    """The keys along a location. Pydantic puts the tag of a chosen union between them, which nobody wrote there."""
    location = detail["loc"]
    for index, step in enumerate(location):
        # Behind a table that is wrong as a whole there is no key, and behind others perhaps one that is missing.
        is_last_key = index == len(location) - 1 and detail["type"] != "value_error"
        if isinstance(table, Mapping) and table.get(_SCHEME) == step and index < len(location) - 1:
            # It may be named like a key behind it: a ticket's scheme is "ticket".
            continue
        if isinstance(table, Mapping) and step in table:
            table = table[step]
            yield str(step)
        elif is_last_key or isinstance(step, int):
            yield str(step)


def truths(model: type[BaseModel], table: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Where true or false stands, and neither is asked for, with what stands there: pydantic would read 1 and 0."""
    yield from _truths([model], table)


def _truths(models: Sequence[type[BaseModel]], table: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    for key, value in table.items():
        annotations = [model.model_fields[key].annotation for model in models if key in model.model_fields]
        if isinstance(value, Mapping):
            nested = [inner for annotation in annotations for inner in _models(annotation)]
            yield from ((f"{key}.{inner}", found) for inner, found in _truths(nested, value))
        elif isinstance(value, bool) and annotations and not any(map(_takes_bool, annotations)):
            yield key, value


def _takes_bool(annotation: object) -> bool:
    return annotation is bool or any(map(_takes_bool, get_args(annotation)))


def known_keys(model: type[BaseModel], location: Sequence[int | str]) -> Collection[str]:
    """The keys that the models at a location take."""
    models = [model]
    for step in location:
        tagged = [candidate for candidate in models if _is_tagged(candidate, step)]
        nested = [inner for candidate in models for inner in _models(_annotation(candidate, step))]
        models = nested or tagged or models
    return {name for candidate in models for name in candidate.model_fields}


def _annotation(model: type[BaseModel], field: int | str) -> object:
    found = model.model_fields.get(str(field))
    return None if found is None else found.annotation


def _is_tagged(model: type[BaseModel], tag: int | str) -> bool:
    return any(tag in get_args(field.annotation) for field in model.model_fields.values())


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    """The models in an annotation, however deep in unions."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models(argument)
