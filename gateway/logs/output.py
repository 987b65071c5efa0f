"""Where log lines go. What cannot be written is lost, and fails nothing."""

import asyncio
import contextlib
import os
import time
from typing import TextIO

from structlog.typing import EventDict

from gateway.logs.json_lines import Lines

_MOST_WAITING = 256
"""Lines. A thousand calls in flight at most, and a loop that hangs in a turn, let so many wait."""
_PAUSE = 0.02
"""Seconds between two writes of mere information: fifty a second cost nothing, and nobody reads faster."""


class Output:
    """Takes lines without their ends, as structlog's logger for every level; and text, as a stream for libraries."""

    def __init__(self, stream: TextIO) -> None:
        """Write to the stream."""
        self._stream = stream
        self._lines = Lines()

    def write(self, text: str) -> None:
        """Write whole lines."""
        with contextlib.suppress(OSError):
            self._stream.write(text)
            self._stream.flush()

    def flush(self) -> None:
        """Write what is held back."""

    def line(self, line: str) -> None:
        """Write a line."""
        self.write(f"{line}\n")

    def soon(self, entry: EventDict) -> None:
        """Write an entry for `Lines`, in a moment at most. It is the output's own from now on."""
        self.write(self._lines([entry]).decode())

    debug = info = warning = error = critical = line


class Descriptor(Output):
    """Writes past the stream's own buffer, and the lines of a turn of the event loop, or of milliseconds, at once.

    Under load there are many, and a write costs more than all else that a line costs. Only those of level `info` wait
    so, and when any other comes, or the process ends, they are written before it.
    """

    def __init__(self, descriptor: int) -> None:
        """Write to the open file of this number."""
        self._descriptor = descriptor
        self._lines = Lines()
        self._waiting: list[EventDict] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._last = -_PAUSE
        self._is_cut = False

    def write(self, text: str) -> None:
        """Write whole lines, and those that wait before them."""
        self._put(self._taken() + text.encode(errors="backslashreplace"))

    def flush(self) -> None:
        """Write what waits. The handler for what libraries log calls it too, when the process ends."""
        if lines := self._taken():
            self._put(lines)

    def soon(self, entry: EventDict) -> None:
        """Write an entry by the end of the event loop's turn; milliseconds later where others were just written."""
        self._waiting.append(entry)
        loop = self._loop  # once: a line of another thread may be written meanwhile
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()
        # A loop that has ended will not write what it was to write. To ask for the present one takes ten times as long.
        elif loop is None or not loop.is_running():
            self._flush_by_the_turn()

    def _taken(self) -> bytes:
        """The lines of what waits, which waits no longer."""
        waiting, self._waiting, self._loop = self._waiting, [], None
        return self._lines(waiting)

    def _flush_by_the_turn(self) -> None:
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:  # no loop runs in this thread
            self.flush()
            return
        pause = self._last + _PAUSE - time.monotonic()
        if pause > 0:
            self._loop.call_later(pause, self.flush)
        else:
            self._loop.call_soon(self.flush)

    def _put(self, data: bytes) -> None:
        """Write it, or as much of it as can be."""
        self._last = time.monotonic()
        if self._is_cut:
            data = b"\n" + data  # so that a line that was cut short, as by a full disk, spoils no other
        left = data
        with contextlib.suppress(OSError):
            while left:
                left = left[os.write(self._descriptor, left) :]
        self._is_cut = bool(left) and (self._is_cut or len(left) < len(data))


def output_to(stream: TextIO) -> Output:
    """The quickest way to the stream."""
    if not stream.isatty():
        with contextlib.suppress(OSError):
            return Descriptor(stream.fileno())
    return Output(stream)
