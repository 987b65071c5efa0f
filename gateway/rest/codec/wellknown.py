"""Messages of `google.protobuf` that JSON shows as a single value."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor

from gateway.rest.codec.names import shortened
from gateway.rest.codec.scalars import MismatchError, kind

_TIMESTAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:[.](\d{1,9}))?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)", re.ASCII)
_DURATION = re.compile(r"-?\d{1,12}([.]\d{1,9})?s", re.ASCII)
_PATHS = re.compile(r"([A-Za-z][A-Za-z0-9_]*([.][A-Za-z][A-Za-z0-9_]*)*(,(?=.)|$))*")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_OF_DAY = 86_400
_HELD = range(-62_135_596_800, 253_402_300_800)
"""The seconds of the years 1 to 9999, which a Timestamp may have."""

TIMESTAMP_EXAMPLE = "2026-03-01T00:00:00Z"
LATER_EXAMPLE = "2026-04-01T00:00:00Z"
DURATION_EXAMPLE = "2.5s"


def is_single_value(message: Descriptor) -> bool:
    """Whether JSON shows the message as one value, rather than as an object of its fields."""
    return message.full_name in _READERS or is_wrapper(message)


def is_wrapper(message: Descriptor) -> bool:
    """Whether the message is one of `google.protobuf`'s wrappers, shown as what they wrap."""
    return message.file.name == "google/protobuf/wrappers.proto"


def is_text(message: Descriptor) -> bool:
    """Whether the value is a string, so that a query parameter can give it."""
    return message.full_name in _TEXTS


def read_single_value(target: Any, value: object) -> None:  # noqa: ANN401 - one of several messages
    """Set the message from its JSON.

    Raises:
        MismatchError: it is of another kind or form.
    """
    _READERS[target.DESCRIPTOR.full_name](target, value)


def _timestamp(target: Any, value: object) -> None:  # noqa: ANN401 - it is a Timestamp
    hint = f"must be a time such as {TIMESTAMP_EXAMPLE}"
    text = _text(value, hint)
    match = _TIMESTAMP.fullmatch(text)
    if not match:
        # In a query an unescaped plus is a space: the most likely way for an offset to get lost.
        hint += "; write the + of an offset as %2B" if " " in text else ""
        raise MismatchError(f"{hint}, not {shortened(text)}")
    whole, fraction, offset = match.groups("")
    try:
        target.seconds = _seconds(whole + offset)
    except ValueError:
        raise _impossible(hint, text) from None
    target.nanos = int(fraction.ljust(9, "0"))
    target.SetInParent()


def _duration(target: Any, value: object) -> None:  # noqa: ANN401 - it is a Duration
    hint = f"must be a number of seconds such as {DURATION_EXAMPLE}"
    text = _text(value, hint)
    if not _DURATION.fullmatch(text):
        raise MismatchError(f"{hint}, not {shortened(text)}")
    target.SetInParent()
    try:
        target.FromJsonString(text)
    except ValueError:
        raise _impossible(hint, text) from None


def _field_mask(target: Any, value: object) -> None:  # noqa: ANN401 - it is a FieldMask
    """Paths are kept as they are spelled: the pipeline puts masks into the contract's spelling, for both transports."""
    hint = "must be field paths separated by commas, such as metrics,timeSeries"
    text = _text(value, hint)
    if not _PATHS.fullmatch(text):
        raise MismatchError(f"{hint}, not {shortened(text)}")
    target.SetInParent()
    target.paths.extend(text.split(",") if text else [])


def _free_form(target: Any, value: object) -> None:  # noqa: ANN401 - any of those of no fixed form
    try:
        json_format.ParseDict(value, target)  # type: ignore[arg-type]  # a Value is any JSON, whatever the types say
    except Exception:  # noqa: BLE001 - on nonsense it raises whatever it stumbles over
        raise MismatchError(f"must be what proto3 JSON shows a {target.DESCRIPTOR.full_name} as") from None


def _text(value: object, hint: str) -> str:
    if not isinstance(value, str):
        raise MismatchError(f"{hint}, not {kind(value)}")
    return value


def _seconds(moment: str) -> int:
    """Since 1970. `FromJsonString` takes six times as long.

    Raises:
        ValueError: there is no such moment, or not within the years 1 to 9999 in UTC.
    """
    since = datetime.fromisoformat(moment) - _EPOCH
    seconds = since.days * _SECONDS_OF_DAY + since.seconds
    if seconds not in _HELD:
        raise ValueError(moment)
    return seconds


def _impossible(hint: str, text: str) -> MismatchError:
    return MismatchError(f"{hint}; {shortened(text)} does not exist or is out of range")


_TEXTS: Mapping[str, Callable[[Any, object], None]] = {
    "google.protobuf.Timestamp": _timestamp,
    "google.protobuf.Duration": _duration,
    "google.protobuf.FieldMask": _field_mask,
}
_READERS: Mapping[str, Callable[[Any, object], None]] = {
    **_TEXTS,
    "google.protobuf.Any": _free_form,
    "google.protobuf.ListValue": _free_form,
    "google.protobuf.Struct": _free_form,
    "google.protobuf.Value": _free_form,
}
