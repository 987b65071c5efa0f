"""What fields are called in JSON, and which of them a caller probably meant."""

import difflib
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from gateway.contract import is_embedded_json

_LONGEST = 64


def json_name(field: FieldDescriptor) -> str:
    """The field's name in an answer: camelCase, and without `Json` if its text is shown as the value that it holds."""
    name: str = field.json_name
    return name.removesuffix("Json") if is_embedded_json(field) else name


@lru_cache(maxsize=1024)
def by_any_name(message: Descriptor) -> Mapping[str, FieldDescriptor]:
    """The message's fields under each name that a request may use: camelCase and the contract's snake_case."""
    return {name: field for field in message.fields for name in (field.json_name, field.name)}


def describe(message: Message) -> Descriptor:
    """The message's descriptor, which the types of protobuf give as one of two classes."""
    descriptor: Any = message.DESCRIPTOR
    return descriptor  # type: ignore[no-any-return]  # either class is used alike


def map_entry(field: FieldDescriptor) -> Descriptor | None:
    """What a map's entries are, with their `key` and `value`; None if the field is no map."""
    message = field.message_type
    return message if message is not None and message.GetOptions().map_entry else None


def nearest(name: str, known: Iterable[str]) -> str:
    """A question mark's worth of help: `; did you mean "startTime"?`, or nothing if no known name is near."""
    found = difflib.get_close_matches(name[:_LONGEST], list(known), n=1)
    return f'; did you mean "{found[0]}"?' if found else ""


def not_known(name: str, message: Descriptor) -> str:
    """What to say of a name that none of the message's fields has: the nearest one, or else all that there are."""
    near = nearest(name, by_any_name(message))
    return "is not known" + (near or f"; there are: {', '.join(field.json_name for field in message.fields) or 'none'}")


def shortened(value: object) -> str:
    """The value as text for an error: quoted if it is a string, cut if it is long, a `?` for what is no character."""
    text = str(value)
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    # JSON can spell half of a surrogate pair, and a header's stray bytes become one; an error's protobuf takes none.
    text = text.encode(errors="replace").decode()
    return f'"{text}"' if isinstance(value, str) else text
