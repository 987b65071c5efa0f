"""Ways to spoil a JSON text."""

import msgspec


def garbled(body: bytes) -> bytes:
    """The first half: not JSON any more."""
    return body[: len(body) // 2]


def mistyped(body: bytes) -> bytes:
    """The same JSON with every scalar of another type: numbers are texts, texts are numbers, flags are lists."""
    return msgspec.json.encode(_mistyped(msgspec.json.decode(body)))


def _mistyped(value: object) -> object:
    match value:
        case dict():
            return {name: _mistyped(member) for name, member in value.items()}
        case list():
            return [_mistyped(member) for member in value]
        case bool():
            return [value]
        case int() | float():
            return f"about {value}"
        case str():
            return len(value)
        case _:
            return value
