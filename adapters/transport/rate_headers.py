"""What an upstream's headers say of the requests that it still allows. Untrusted: what makes no sense says nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

_QUOTED = re.compile(r'"[^"]*"')
# At most nine digits: an allowance for 31 years is none.
_PARAMETER = re.compile(r"(?:^|[;,\s])(r|t|w|remaining|reset)\s*=\s*([0-9]{1,9})(?![0-9.])")
_NUMBER = re.compile(r"\s*([0-9]{1,13}(?:\.[0-9]{0,9})?)\s*(?:[;,].*)?")
_ITEM = re.compile(r'(?:"[^"]*"|[^",])+')
_NAME = re.compile(r'\s*"([^"]*)"')
_PREFIXES = ("RateLimit", "X-RateLimit", "X-Rate-Limit")
_TELLING = ("RateLimit", *(f"{prefix}-Remaining" for prefix in _PREFIXES))
"""Without one of these nothing is told."""
_FIRST_EPOCH_SECOND = 1_000_000_000
"""From here on a reset is a moment since 1970, no span: as one, it would be 31 years long."""
_FIRST_EPOCH_MILLISECOND = 1_000_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """So many requests are still allowed within a time."""

    remaining: int
    seconds: float
    """Until there are more; above zero."""

    @property
    def rate(self) -> float:
        """Requests per second at which it lasts until there are more."""
        return self.remaining / self.seconds


def tells_of_allowance(headers: Mapping[str, str]) -> bool:
    """Whether `allowance` would find something to read. Few upstreams tell, and every response is looked at."""
    return any(map(headers.__contains__, _TELLING))


def allowance(headers: Mapping[str, str], now: datetime) -> Allowance | None:
    """The scarcest allowance that a response tells of; None if it tells of none.

    Read are `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers, -07 and -10), and the older
    `RateLimit-Remaining` and `-Reset`, also with `X-` before them; their reset is a span in seconds, or a moment since
    1970 in seconds or milliseconds, which the servers of the world do not agree on. `headers` finds a name in any case.
    """
    told = [*_structured(headers), *_separate(headers, now)]
    return min(told, key=lambda each: (each.rate, -each.seconds), default=None)


def _structured(headers: Mapping[str, str]) -> Iterator[Allowance]:
    """`"burst";r=9;t=1, "daily";r=50;t=600`, or all in one, as in -07: `limit=10, remaining=9, reset=1`."""
    text = headers.get("RateLimit", "")
    policies = _items(headers.get("RateLimit-Policy", ""))
    # In -07 the commas stand between the parameters of one item, and nothing has a name.
    is_one = "remaining" in _QUOTED.sub("", text)
    for name, told in [("", _parameters(text))] if is_one else _items(text):
        remaining = told.get("r", told.get("remaining"))
        seconds = told.get("t", told.get("reset"))
        if seconds is None:
            # Without an end of its own, the quota is there again after one window at the latest.
            seconds = next((policy.get("w") for named, policy in policies if named == name), None)
        if remaining is not None and seconds:
            yield Allowance(remaining=remaining, seconds=float(seconds))


def _items(text: str) -> list[tuple[str, dict[str, int]]]:
    """The items of a list, each by its name, if it has one, with its parameters."""
    items = _ITEM.findall(text)
    return [(name[1] if (name := _NAME.match(item)) else "", _parameters(item)) for item in items]


def _parameters(item: str) -> dict[str, int]:
    return {name: int(value) for name, value in _PARAMETER.findall(_QUOTED.sub("", item))}


def _separate(headers: Mapping[str, str], now: datetime) -> Iterator[Allowance]:
    for prefix in _PREFIXES:
        remaining = _number(headers.get(f"{prefix}-Remaining"))
        seconds = _seconds(_number(headers.get(f"{prefix}-Reset")), now)
        if remaining is not None and seconds is not None and seconds > 0:
            yield Allowance(remaining=int(remaining), seconds=seconds)


def _number(text: str | None) -> float | None:
    match = _NUMBER.fullmatch(text or "")
    return None if match is None else float(match[1])


def _seconds(reset: float | None, now: datetime) -> float | None:
    if reset is None or reset < _FIRST_EPOCH_SECOND:
        return reset
    moment = reset / 1000 if reset >= _FIRST_EPOCH_MILLISECOND else reset
    return moment - now.timestamp()
