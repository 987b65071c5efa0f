"""Path templates of `google.api.http`, as far as the gateway serves them: literals, `{variables}` and a `:verb`.

The syntax is that of https://github.com/googleapis/googleapis/blob/master/google/api/http.proto. A variable is exactly
one segment; it matches neither `/` nor `:` unless they are percent-encoded.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

_LITERAL = re.compile(r"[A-Za-z0-9._~-]+")
_VARIABLE = re.compile(r"\{([a-z][a-z0-9_]*(?:[.][a-z][a-z0-9_]*)*)\}")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """A segment that is the value of a field."""

    field: str
    """Path of the field, dotted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A request's path, taken apart before it is decoded, so that an encoded `/` or `:` stays part of its segment."""

    segments: tuple[str, ...]
    verb: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One parsed template."""

    text: str
    segments: tuple[str | Variable, ...]
    """Literals as they are, decoded."""
    verb: str | None

    @property
    def variables(self) -> tuple[str, ...]:
        """The fields that the path gives, in its order."""
        return tuple(segment.field for segment in self.segments if isinstance(segment, Variable))

    @property
    def shape(self) -> tuple[tuple[str | None, ...], str | None]:
        """Equal for two templates if and only if they match the same paths."""
        return tuple(None if isinstance(segment, Variable) else segment for segment in self.segments), self.verb

    @property
    def precedence(self) -> tuple[bool, ...]:
        """Sorts a literal before a variable in the same place."""
        return tuple(isinstance(segment, Variable) for segment in self.segments)

    def match(self, path: Path) -> Mapping[str, str] | None:
        """The variables' values; None if the path is another one."""
        if path.verb != self.verb or len(path.segments) != len(self.segments):
            return None
        values: dict[str, str] = {}
        for expected, found in zip(self.segments, path.segments, strict=True):
            if isinstance(expected, Variable):
                values[expected.field] = found
            elif expected != found:
                return None
        return values


def parse_template(text: str) -> Template:
    """Read a template.

    Raises:
        ValueError: it is wrong, or of a kind that is not served, such as `{name=shelves/*}` or `**`.
    """
    path, colon, verb = text.partition(":")
    if not path.startswith("/") or (colon and not _LITERAL.fullmatch(verb)):
        raise ValueError(f'the path "{text}" must be "/", segments, and at most one ":verb" at its end')
    template = Template(text=text, segments=tuple(_segments(text, path)), verb=verb or None)
    if len(set(template.variables)) < len(template.variables):
        raise ValueError(f'the path "{text}" gives one variable twice')
    return template


def split_path(raw: str) -> Path | None:
    """Take apart a path as the request line had it; None if no template can match it."""
    if raw == "/":
        return Path(segments=(), verb=None)
    *parents, last = raw.removeprefix("/").split("/")
    last, colon, verb = last.partition(":")
    if not raw.startswith("/") or ":" in verb or (colon and not verb):
        return None
    try:
        return Path(segments=tuple(map(_decoded, [*parents, last])), verb=_decoded(verb) if colon else None)
    except ValueError:
        return None


def _segments(text: str, path: str) -> Iterator[str | Variable]:
    for segment in path[1:].split("/") if path != "/" else ():
        variable = _VARIABLE.fullmatch(segment)
        if variable is not None:
            yield Variable(field=variable[1])
        elif _LITERAL.fullmatch(segment):
            yield segment
        else:
            raise ValueError(
                f'the path "{text}" has the segment "{segment}", which is neither a name nor a {{variable}}'
            )


def _decoded(segment: str) -> str:
    """The segment's text.

    Raises:
        ValueError: it is empty, holds a bare colon, or is not percent-encoded UTF-8.
    """
    if not segment or ":" in segment or _BROKEN_ESCAPE.search(segment):
        raise ValueError
    return unquote(segment, errors="strict")
