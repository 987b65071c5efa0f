"""Reads an answer that departs from its documentation: notes where, and saves what fits."""

from collections import Counter
from typing import Any

import msgspec
from msgspec import Raw

from adapters.drift import DriftKind, DriftLog
from adapters.errors import InvalidResponseError
from adapters.transport.decoding.inventory import Inventory, join
from adapters.transport.decoding.shapes import Record, Shape

MOST_MISTYPED = 100_000
"""Values of the wrong type in one answer; after so many it is nonsense, and looking on would keep others waiting."""

LARGEST_EXACT = 2**53
"""Up to here every whole number that was written as a float is the number that was meant."""

_OBJECT, _ARRAY = b"{["
_BLANK = b" \t\r\n"
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_ITEMS = msgspec.json.Decoder(list[Raw])
_NUMBER = msgspec.json.Decoder(float)


class MistypedError(Exception):
    """What stands here does not fit at all."""


class Repair:
    """One reading of one answer. Text stays as it was sent until its type is known, so that no `Raw` loses a digit."""

    def __init__(self) -> None:
        """Start with no departure."""
        self._inventory = Inventory()
        self._mistyped: Counter[str] = Counter()
        self._mistyped_in_all = 0

    def report(self, drift: DriftLog) -> None:
        """Note in `drift` all that was found."""
        self._inventory.report(drift)
        for path, count in self._mistyped.items():
            drift.note(path, DriftKind.MISTYPED, count)

    def read(self, shape: Shape, raw: Raw, path: str) -> Any:  # noqa: ANN401 - whatever the shape was learnt from
        """The value at `path`, with null in the place of mistyped fields, and without mistyped items.

        Raises:
            MistypedError: not even the kind of value is right.
            InvalidResponseError: more than `MOST_MISTYPED` values are not.
        """
        try:
            value = shape.decoder.decode(raw)
        except msgspec.ValidationError:
            return self._saved(shape, raw, path)
        self._inventory.add_all(shape, raw, path)
        return value

    def _saved(self, shape: Shape, raw: Raw, path: str) -> Any:  # noqa: ANN401 - as `read`
        kind = memoryview(raw)[0]
        if kind == _OBJECT and shape.record is not None:
            return self._record(shape.record, raw, path)
        if kind == _OBJECT and shape.values is not None:
            return self._values(shape.values, raw, path)
        if kind == _ARRAY and shape.items is not None:
            return self._items(shape.items, raw, path)
        if shape.is_integer:
            return _integer(shape, raw)
        raise MistypedError

    def _record(self, record: Record, raw: Raw, path: str) -> msgspec.Struct:
        fields = _FIELDS.decode(raw)
        self._inventory.add(record, fields, path)
        values = {}
        for name in record.fields.keys() & fields.keys():
            place = join(path, name)
            try:
                values[record.attributes[name]] = self._inner(record.fields[name], fields[name], place)
            except MistypedError:
                values[record.attributes[name]] = None
                self._note_mistyped(place)
        return record.type(**values)

    def _values(self, shape: Shape, raw: Raw, path: str) -> dict[str, Any]:
        values = {}
        place = join(path, "*")
        for name, value in _FIELDS.decode(raw).items():
            try:
                values[name] = self._inner(shape, value, place)
            except MistypedError:
                self._note_mistyped(place)
        return values

    def _items(self, shape: Shape, raw: Raw, path: str) -> list[Any]:
        items = []
        place = f"{path}[]"
        for item in _ITEMS.decode(raw):
            try:
                items.append(self._inner(shape, item, place))
            except MistypedError:
                self._note_mistyped(place)
        return items

    def _inner(self, shape: Shape, raw: Raw, path: str) -> Any:  # noqa: ANN401 - as `read`
        """As `read`, but what has lost all its items does not fit: empty, it would say that none was sent."""
        value = self.read(shape, raw, path)
        if value in ([], {}) and bytes(raw).strip(_BLANK)[1:-1].strip(_BLANK):
            raise MistypedError
        return value

    def _note_mistyped(self, path: str) -> None:
        self._mistyped[path] += 1
        self._mistyped_in_all += 1
        if self._mistyped_in_all > MOST_MISTYPED:
            raise InvalidResponseError("Hardly anything in the upstream's answer is of the documented type.")


def _integer(shape: Shape, raw: Raw) -> Any:  # noqa: ANN401 - whatever the shape makes of an integer
    """A whole number that was written with a fraction or exponent, such as `12.0`: JSON has one kind of number."""
    try:
        number = _NUMBER.decode(raw)
        if number.is_integer() and abs(number) <= LARGEST_EXACT:
            return shape.decoder.decode(b"%d" % int(number))
    except msgspec.ValidationError:
        pass
    raise MistypedError
