"""A whole answer of SuperOffice, property by property, and where each must be found in the contract."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Golden:
    """One property, or member of the licence."""

    name: str
    """In SuperOffice's spelling; a member of the licence is `LicenseStatus/…`."""
    sent: object
    place: str
    """A metric id, or `account.` and a path in the `Account`."""
    found: object
    """What is there, as proto3 JSON."""


def read_golden() -> tuple[Golden, ...]:
    """All rows of the table, in the documentation's order."""
    with (Path(__file__).parent / "golden.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    return tuple(
        Golden(name=name, sent=json.loads(sent), place=place, found=json.loads(found))
        for name, sent, place, found in rows
    )


def golden_data() -> dict[str, object]:
    """The answer in which every property is there."""
    data: dict[str, object] = {}
    for row in read_golden():
        whole, _, member = row.name.partition("/")
        if member:
            part = data.setdefault(whole, {})
            assert isinstance(part, dict)
            part[member] = row.sent
        else:
            data[whole] = row.sent
    return data


def golden_body(changes: Mapping[str, object] | None = None, *, without: str = "") -> bytes:
    """The same as JSON, with some properties changed, or without one."""
    data = golden_data() | dict(changes or {})
    data.pop(without, None)
    return json.dumps(data).encode()
