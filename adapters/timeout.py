"""How long something may take, on any clock."""

import asyncio
from types import TracebackType

from adapters.clock import Alarm, Clock


class Timeout:
    """A context that raises TimeoutError once `clock.monotonic()` has reached `when`.

    Ends what is inside as `asyncio.Timeout` does, at half its price: nothing needs to be awaited to enter or leave it.
    """

    __slots__ = ("_alarm", "_cancelling", "_clock", "_has_passed", "_task", "_when")

    _alarm: Alarm

    def __init__(self, clock: Clock, when: float) -> None:
        """A moment that has come already ends the first wait inside."""
        self._clock = clock
        self._when = when

    def __enter__(self) -> None:
        """Set the alarm for the current task."""
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("only what a task awaits can be ended")
        self._task: asyncio.Task[object] = task
        self._cancelling = task.cancelling()
        self._has_passed = False
        self._alarm = self._clock.call_at(self._when, self._pass)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Raise TimeoutError for a cancellation of ours. Who was cancelled by somebody else as well stays so."""
        self._alarm.cancel()
        is_ours = self._has_passed and self._task.uncancel() <= self._cancelling
        if is_ours and kind is not None and issubclass(kind, asyncio.CancelledError):
            raise TimeoutError from error

    def reschedule(self, when: float) -> None:
        """Pass then instead, if it has not passed yet. Only while it is entered."""
        if not self._has_passed:
            self._alarm.cancel()
            self._alarm = self._clock.call_at(when, self._pass)

    def _pass(self) -> None:
        self._has_passed = True
        self._task.cancel()
