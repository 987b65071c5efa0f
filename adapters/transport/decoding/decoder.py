"""Reads an upstream's JSON into structs: all of it where it is as documented, and what fits where it is not."""

from contextlib import suppress
from typing import Generic, TypeVar

import msgspec

from adapters.drift import DriftKind, DriftLog
from adapters.errors import InvalidResponseError
from adapters.transport.decoding.repair import MistypedError, Repair
from adapters.transport.decoding.shapes import shape_of
from adapters.transport.decoding.twins import strict
from adapters.transport.decoding.unicode import is_unicode, repaired

T = TypeVar("T")


class TolerantDecoder(Generic[T]):
    """Reads JSON into a type made of `msgspec.Struct`s, and notes each departure from it.

    - A field without a default is one that the upstream promises: noted when it is missing. One with a default may be
      missing silently. Null is never noted.
    - Every field must admit None, and is None where its value has the wrong type. Items of the wrong type are left out
      of their list or dict. `msgspec.Raw` admits null by itself, and keeps its text to the last digit.
    - `12.0` is an integer; `true` and `"12"` are none. Of equal keys the last one counts.
    - Text that is not Unicode gets U+FFFD in its place, noted for the whole answer (`$`).

    What comes out are instances of subclasses of the structs, and equal to such of the structs themselves.
    """

    def __init__(self, declared: type[T], name: str = "") -> None:
        """Prepare to read the type `declared`. The paths of fields in the drift begin with `name`.

        Raises:
            TypeError: a field of a struct does not admit None.
        """
        self._strict: msgspec.json.Decoder[T] = msgspec.json.Decoder(strict(declared))
        self._shape = shape_of(declared)
        self._name = name

    def __call__(self, body: bytes, drift: DriftLog) -> T:
        """Read an answer, and note in `drift` where it departs.

        Raises:
            InvalidResponseError: not JSON, or not even an object where one is documented, or an array.
        """
        answer = self.exact(body)
        return self._tolerated(body, drift) if answer is None else answer

    def exact(self, body: bytes) -> T | None:
        """An answer of which there is nothing to note. None: there may be."""
        try:
            answer = self._strict.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        # msgspec does not look into what becomes Raw.
        return answer if is_unicode(body) else None

    def _tolerated(self, body: bytes, drift: DriftLog) -> T:
        with suppress(msgspec.DecodeError):
            if is_unicode(body):
                return self._saved(body.strip(), drift)
        text = repaired(body)
        try:
            answer = self._saved(text, drift)
        except msgspec.DecodeError:
            raise InvalidResponseError(_not_json(text)) from None
        if not body.strip().endswith(text):  # as it does where only a byte order mark was in the way
            drift.note(self._name or "$", DriftKind.MISTYPED)
        return answer

    def _saved(self, body: bytes, drift: DriftLog) -> T:
        """What fits. Raises `msgspec.DecodeError` if it is not JSON."""
        repair = Repair()
        try:
            answer: T = repair.read(self._shape, msgspec.Raw(body), self._name)
        except (MistypedError, RecursionError):
            raise InvalidResponseError("The upstream's answer is JSON, but not of the documented kind.") from None
        repair.report(drift)
        return answer


def _not_json(text: bytes) -> str:
    if not text:
        return "The upstream's answer is empty."
    if text.startswith(b"<"):
        return "The upstream answered with a web page or XML, not JSON: check base_url, and what stands in between."
    return "The upstream's answer is not JSON, or was cut short."
