"""What may happen to a JSON answer on its way from a real upstream: one small departure at a time."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

Json = object
Inside = dict[str, Json] | list[Json]
Where = str | int
Place = tuple[Inside, Where]
"""Something that has members, and which of them. The whole answer is the member without a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """One departure, at one of the places where it can happen."""

    kind: str
    at: int
    """Which of the places; counted around if there are fewer."""

    def __call__(self, body: bytes) -> bytes:
        """The body after it. One that is not JSON, or has no place for it, stays as it is."""
        if self.kind in _TEXTUAL:
            return _TEXTUAL[self.kind](body, self.at)
        try:
            answer = {"": json.loads(body)}
        except ValueError:
            return body
        places = [place for place in _places(answer) if self.kind not in LOSSES or _is_scalar(place)]
        if not places:
            return body
        _STRUCTURAL[self.kind](*places[self.at % len(places)])
        return json.dumps(answer[""]).encode()


def _places(inside: Json) -> Iterator[Place]:
    if isinstance(inside, dict):
        for name, member in list(inside.items()):
            yield inside, name
            yield from _places(member)
    elif isinstance(inside, list):
        for number, member in enumerate(inside):
            yield inside, number
            yield from _places(member)


def _is_scalar(place: Place) -> bool:
    return not isinstance(_get(*place), dict | list)


def _get(inside: Inside, where: Where) -> Json:
    return inside[str(where)] if isinstance(inside, dict) else inside[int(where)]


def _put(inside: Inside, where: Where, value: Json) -> None:
    if isinstance(inside, dict):
        inside[str(where)] = value
    else:
        inside[int(where)] = value


def _drop(inside: Inside, where: Where) -> None:
    if isinstance(inside, list):
        del inside[int(where)]
    elif where:
        del inside[str(where)]


def _duplicate(inside: Inside, where: Where) -> None:
    if isinstance(inside, list) and isinstance(where, int):
        inside.insert(where, inside[where])


def _wrap(inside: Inside, where: Where) -> None:
    _put(inside, where, [_get(inside, where)])


def _mistype(inside: Inside, where: Where) -> None:
    """Something that no field of any upstream may be."""
    _put(inside, where, {"what": ["is", "this"]})


def _becomes(value: Json) -> Callable[[Inside, Where], None]:
    return lambda inside, where: _put(inside, where, value)


LOSSES = {"null", "mistype"}
"""Those that take the value of one scalar away, and add nothing."""

_STRUCTURAL: dict[str, Callable[[Inside, Where], None]] = {
    "null": _becomes(None),
    "mistype": _mistype,
    "drop": _drop,
    "duplicate": _duplicate,
    "wrap": _wrap,
    "text": _becomes("x" * 50),
    "empty text": _becomes(""),
    "odd text": _becomes("\x00\u202e\U0001f600\ud800"),
    "negative": _becomes(-1),
    "fraction": _becomes(0.5),
    "huge": _becomes(10**30),
    "not a number": _becomes(float("nan")),
    "flag": _becomes(True),  # noqa: FBT003 - it is the value
    "empty list": _becomes([]),
    "empty object": _becomes({}),
    "deep": _becomes(json.loads("[" * 200 + "]" * 200)),
    "old date": _becomes("0001-01-01T00:00:00+02:00"),
    "far date": _becomes("9999-12-31T23:59:59-12:00"),
}

_TEXTUAL: dict[str, Callable[[bytes, int], bytes]] = {
    "truncate": lambda body, at: body[: at % (len(body) + 1)],
    "broken byte": lambda body, at: body[: at % (len(body) + 1)] + b"\xff" + body[at % (len(body) + 1) :],
    "byte order mark": lambda body, _at: b"\xef\xbb\xbf" + body,
}

KINDS = sorted({*_STRUCTURAL, *_TEXTUAL})
