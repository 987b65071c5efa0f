"""Which fields the objects of an answer have, and which of those are unknown or missing."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec
from msgspec import Raw

from adapters.drift import DriftKind, DriftLog
from adapters.transport.decoding.shapes import Record, Shape

_OBJECT, _ARRAY = b"{["
_FIELDS = msgspec.json.Decoder(dict[str, Raw])
_ITEMS = msgspec.json.Decoder(list[Raw])
_OBJECTS = msgspec.json.Decoder(list[dict[str, Raw]])

# Unknown names are shown. What does not look like one may be data, such as e-mail addresses as keys.
_FIELD_NAME = re.compile(r"[A-Za-z_$@][A-Za-z0-9_$-]{0,63}")
_ODD_NAME = "…"


class Inventory:
    """Takes stock of one answer. Looks at names only; whether values fit is another's concern."""

    def __init__(self) -> None:
        """Start with nothing."""
        self._objects: defaultdict[tuple[Record, str], Counter[tuple[str, ...]]] = defaultdict(Counter)

    def add(self, record: Record, names: Iterable[str], path: str) -> None:
        """Count one object with fields of these names; what is in them is not looked at."""
        self._objects[record, path][tuple(names)] += 1

    def add_all(self, shape: Shape, value: Raw, path: str) -> None:
        """Count all objects in a value that fits the shape, however deep."""
        if shape.has_fields:
            self._add(shape, _among([value]), path)

    def report(self, drift: DriftLog) -> None:
        """Note in `drift` what is unknown and what is missing."""
        # Objects mostly have the same fields in the same order, so that few comparisons are left.
        for (record, path), objects in self._objects.items():
            for names, count in objects.items():
                for name in set(names) - record.fields.keys():
                    shown = name if _FIELD_NAME.fullmatch(name) else _ODD_NAME
                    drift.note(join(path, shown), DriftKind.UNKNOWN, count)
                for name in record.promised.difference(names):
                    drift.note(join(path, name), DriftKind.MISSING, count)

    def _add(self, shape: Shape, found: "_Containers", path: str) -> None:
        """Count all that stands at one path at once.

        One by one would take three times as long, and an upstream that adds a field does so for good.
        """
        if shape.record is not None:
            self._objects[shape.record, path].update(map(tuple, found.objects))
            for name, inner in shape.record.inner.items():
                column = [fields[name] for fields in found.objects if name in fields]
                self._add(inner, _among(column), join(path, name))
        elif shape.values is not None and shape.values.has_fields:
            column = [value for fields in found.objects for value in fields.values()]
            self._add(shape.values, _among(column), join(path, "*"))
        if shape.items is not None and shape.items.has_fields:
            for array in found.arrays:
                self._add(shape.items, _in(array), f"{path}[]")


def join(path: str, name: str) -> str:
    """The path of a field of the object at `path`."""
    return f"{path}.{name}" if path else name


class _Containers(NamedTuple):
    """The objects and the arrays among some values."""

    objects: list[dict[str, Raw]]
    arrays: list[Raw]


def _among(values: Sequence[Raw]) -> _Containers:
    if len(values) != 1:
        return _in(Raw(b"[" + b",".join(values) + b"]"))
    (value,) = values  # most often the whole answer, or nearly so: better not copied
    kind = memoryview(value)[0]
    return _Containers([_FIELDS.decode(value)] if kind == _OBJECT else [], [value] if kind == _ARRAY else [])


def _in(array: Raw) -> _Containers:
    try:
        return _Containers(_OBJECTS.decode(array), [])
    except msgspec.ValidationError:  # not all are objects
        items = [(memoryview(item)[0], item) for item in _ITEMS.decode(array)]
    objects = [_FIELDS.decode(item) for kind, item in items if kind == _OBJECT]
    return _Containers(objects, [item for kind, item in items if kind == _ARRAY])
