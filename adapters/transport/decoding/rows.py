"""Reads bare arrays of rows, and tells whether a row was lost on the way."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from adapters.drift import OTHERS, DriftKind, DriftLog
from adapters.errors import AnswerIncompleteError, InvalidResponseError
from adapters.inquiry import Inquiry
from adapters.transport.decoding.decoder import TolerantDecoder

T = TypeVar("T")

# A row that is left out is noted as one of these; anything else is about fields within rows.
_ROW = {"[]", OTHERS}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows(Generic[T]):
    """The rows of an answer, in its order."""

    rows: list[T]
    are_all: bool
    """No row was mistyped, and so left out."""

    def miss_lost(self, what: str, inquiry: Inquiry) -> None:
        """Note that the answer will lack some of `what`, such as a ranking, if a row was lost."""
        if not self.are_all:
            inquiry.miss(what, AnswerIncompleteError("Not every row of the upstream's answer could be read."))


class RowsReader(Generic[T]):
    """Reads an array of rows. An empty one is an ordinary answer."""

    def __init__(self, rows: type[list[T]]) -> None:
        """Prepare to read a list of structs."""
        self._read = TolerantDecoder(rows)

    def __call__(self, body: bytes, drift: DriftLog) -> Rows[T]:
        """Read an answer, and note in `drift` where it departs.

        Raises:
            InvalidResponseError: no JSON array, or one in which not one row is of the documented kind.
        """
        noted = DriftLog()
        rows = self._read(body, noted)
        drift.merge(noted)
        are_all = not any(field in _ROW and kind is DriftKind.MISTYPED for field, kind, _count in noted)
        if not rows and not are_all:
            raise InvalidResponseError("Not one row of the upstream's answer is of the documented kind.")
        return Rows(rows=rows, are_all=are_all)
