"""Which of the media types on offer a client is sent, by its `Accept`, as RFC 9110, section 12.5.1, has it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

from gateway.rest.errors import NotAcceptableError

_QUALITY = re.compile(r"(0([.]\d{0,3})?|1([.]0{0,3})?)", re.ASCII)
MOST_RANGES = 100
"""Media types that are looked at, many more than a browser sends; a megabyte of them would hold everybody up."""
LONGEST_REMEMBERED = 512
"""Characters of a header whose meaning is remembered; a browser's `Accept` has about 130."""
MOST_REMEMBERED = 256
"""Headers whose meaning is remembered: a program sends the same one every time, and there are not many programs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRange:
    """One of the types or families of types that a client accepts."""

    type: str
    """In lower case; `*` is any."""
    subtype: str
    quality: float
    """From 0, not at all, to 1."""

    def covers(self, media_type: str) -> bool:
        """Whether it is this type, or a family that the type belongs to."""
        type_, subtype = media_type.split("/")
        return self.type in {"*", type_} and self.subtype in {"*", subtype}

    @property
    def precision(self) -> int:
        """The more it says, the more it counts."""
        return (self.type != "*") + (self.subtype != "*")


def choose(accept: Iterable[str], offers: Sequence[str]) -> str:
    """The offer that the `Accept` headers like best; of equals, the first. Without any, the first of all.

    Parameters other than `q` are not looked at, what cannot be read is passed over, and so is all that comes after
    `MOST_RANGES`.

    Raises:
        NotAcceptableError: none of the offers is accepted.
    """
    elements = (element for header in accept for element in header.split(","))
    ranges = [parsed for element in islice(elements, MOST_RANGES) if (parsed := _range(element)) is not None]
    if not ranges:
        return offers[0]
    best = max(offers, key=lambda offer: _quality(ranges, offer))
    if _quality(ranges, best) == 0:
        raise NotAcceptableError(f"this can be sent as {' or '.join(offers)} only: say so in Accept, or say */*")
    return best


def choose_again(accept: Sequence[str], offers: tuple[str, ...]) -> str:
    """As `choose`, and at once for headers that came before.

    Raises:
        NotAcceptableError: none of the offers is accepted.
    """
    if not accept:
        return offers[0]
    header = ",".join(accept)
    return _remembered(header, offers) if len(header) <= LONGEST_REMEMBERED else choose(accept, offers)


@lru_cache(MOST_REMEMBERED)
def _remembered(header: str, offers: tuple[str, ...]) -> str:
    return choose((header,), offers)


def quality(parameters: Iterable[str]) -> float | None:
    """The `q` among parameters in lower case, 1 if it is not given; None if it makes no sense."""
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "q":
            return float(value) if _QUALITY.fullmatch(value.strip()) else None
    return 1.0


def _quality(ranges: Iterable[MediaRange], offer: str) -> float:
    """How much the offer is liked, by the ranges that say the most about it."""
    covering = [(each.precision, each.quality) for each in ranges if each.covers(offer)]
    return max(covering, default=(0, 0.0))[1]


def _range(element: str) -> MediaRange | None:
    name, *parameters = (part.strip().lower() for part in element.split(";"))
    type_, slash, subtype = name.partition("/")
    q = quality(parameters)
    if not (type_ and slash and subtype) or q is None:
        return None
    return MediaRange(type=type_, subtype=subtype, quality=q)
