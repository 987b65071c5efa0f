"""Content codings: which one a client is sent, by its `Accept-Encoding`, as RFC 9110, section 12.5.3, has it."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from itertools import islice, product
from typing import cast

from gateway.rest.errors import NotAcceptableError
from gateway.rest.negotiation import LONGEST_REMEMBERED, MOST_RANGES, MOST_REMEMBERED, quality

SMALLEST_BODY = 1024
"""Bytes from which a body is compressed: what is smaller fits into one packet with its headers as it is."""

_GZIP_LEVEL = 1
"""Measured on a page of 800 KiB: a fifth of it is left after 10 ms; after the usual 6 a sixth, for twice the time."""
_GZIP_WINDOW = 31
"""The largest window, and gzip's frame around it. It has no time in it, so that equal bodies stay equal."""
_IMPLIED = 0.0005
"""Quality of no coding at all where it is not named: it is acceptable, and less liked than all that is."""
_SYNONYMS = {"x-gzip": "gzip"}
"""RFC 9110, section 8.4.1.3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """One way to send a body."""

    name: str
    """As `Content-Encoding` has it; `identity`, which it never has, is the body as it is."""
    compress: Callable[[bytes], bytes]


def _zstd() -> Iterator[Coding]:
    """Zstandard, if it is installed: part of Python from 3.14 on, a package before."""
    for module in ("compression.zstd", "backports.zstd"):
        try:
            compress = cast("Callable[[bytes], bytes]", import_module(module).compress)
        except ImportError:
            continue
        yield Coding(name="zstd", compress=compress)
        return


IDENTITY = Coding(name="identity", compress=lambda body: body)
GZIP = Coding(name="gzip", compress=lambda body: zlib.compress(body, _GZIP_LEVEL, _GZIP_WINDOW))
CODINGS = (*_zstd(), GZIP, IDENTITY)
"""All that can be sent, the best first: measured, zstd takes a third of gzip's time and leaves less."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Acceptable:
    """What a client is best sent. There is one for each pair of codings: a key that costs next to nothing."""

    small: Coding
    large: Coding

    def of(self, size: int) -> Coding:
        """The coding for a body of so many bytes."""
        return self.large if size >= SMALLEST_BODY else self.small


_ACCEPTABLE = {
    (small.name, large.name): Acceptable(small=small, large=large) for small, large in product(CODINGS, CODINGS)
}


def acceptable(accept_encoding: Iterable[str]) -> Acceptable:
    """What the `Accept-Encoding` headers like best; of equals, the first of `CODINGS`. Without any, the body as it is.

    `*` stands for gzip and for the body as it is: who says it need not know what came later.

    Raises:
        NotAcceptableError: none of them is accepted, since not even `identity` is.
    """
    header = ",".join(accept_encoding)
    return _remembered(header) if len(header) <= LONGEST_REMEMBERED else _acceptable(header)


def _acceptable(header: str) -> Acceptable:
    liked = dict(_qualities(header.split(",")))
    best = max(CODINGS, key=lambda coding: _liked(liked, coding))
    if _liked(liked, best) == 0:
        names = ", ".join(coding.name for coding in CODINGS)
        raise NotAcceptableError(f"this can be sent in these codings only: {names}; name one in Accept-Encoding")
    return _ACCEPTABLE[(IDENTITY if _liked(liked, IDENTITY) else best).name, best.name]


_remembered = lru_cache(MOST_REMEMBERED)(_acceptable)


def _qualities(elements: Iterable[str]) -> Iterator[tuple[str, float]]:
    """How much each of the codings is liked, as far as it can be read."""
    for element in islice(elements, MOST_RANGES):
        name, *parameters = (part.strip().lower() for part in element.split(";"))
        q = quality(parameters)
        if name and q is not None:
            yield _SYNONYMS.get(name, name), q


def _liked(liked: Mapping[str, float], coding: Coding) -> float:
    if coding.name in liked:
        return liked[coding.name]
    if coding.name == "zstd":
        return 0.0
    return liked.get("*", _IMPLIED if coding is IDENTITY else 0.0)
