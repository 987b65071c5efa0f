"""The unit of Zylon's dates: the guide writes seconds ("Unix timestamp"), the OpenAPI document milliseconds.

A question in the wrong unit is a valid question about 1970 or the far future, whose answer is empty. So an empty answer
proves nothing, and is never asked again in the other unit; what holds data proves its unit.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from adapters.errors import RequestRefusedError, SourceError, UpstreamTimeoutError
from adapters.inquiry import Inquiry
from adapters.query import Window
from adapters.timeout import Timeout
from adapters.zylon.together import ask_all

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class TimeUnit(Enum):
    """How long one tick of a date is."""

    SECONDS = timedelta(seconds=1)
    MILLISECONDS = timedelta(milliseconds=1)

    def first(self, window: Window) -> int:
        """The tick in which the window begins."""
        return (window.start - _EPOCH) // self.value

    def last(self, window: Window) -> int:
        """The last tick that begins within the window.

        Whether Zylon takes `end_date` as inclusive is not documented. If it does, this is exact; if not, one tick is
        lost, where the tick behind it would add a day to a series.
        """
        return -((_EPOCH - window.end) // self.value) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Which unit to ask in."""

    unit: TimeUnit
    is_certain: bool
    """Whether data was seen. If not, there was none to see in either unit."""


Probe = Callable[[TimeUnit], Awaitable[bool]]
"""Asks in a unit for something that is there if anything is, and tells whether it came."""


async def find_unit(probe: Probe) -> Finding:
    """Ask in both units at once; the one that holds data wins, whatever became of the other.

    Raises:
        SourceError: neither holds data, and at least one could not be asked, or both were refused.
    """
    holds_data, failures = await ask_all(TimeUnit, probe)
    for unit in (TimeUnit.MILLISECONDS, TimeUnit.SECONDS):
        if holds_data.get(unit):
            return Finding(unit=unit, is_certain=True)
    return _uncertain(failures)


def _uncertain(failures: Mapping[TimeUnit, SourceError]) -> Finding:
    """The unit that was answered, rather than refused as no valid date; milliseconds if both were answered.

    A server that publishes its own schema is likelier to be right about itself than an example in a guide.
    """
    for error in failures.values():
        if not isinstance(error, RequestRefusedError) or len(failures) == len(TimeUnit):
            raise error
    unit = TimeUnit.SECONDS if TimeUnit.MILLISECONDS in failures else TimeUnit.MILLISECONDS
    return Finding(unit=unit, is_certain=False)


class UnitFinder:
    """Finds the unit once, however many callers wait. Neither a failure nor an uncertain finding is remembered."""

    def __init__(self, known: TimeUnit | None, found: Callable[[TimeUnit], None]) -> None:
        """Start from what the settings say; `found` is told of a certain finding, once."""
        self._known = known
        self._found = found
        self._lock = asyncio.Lock()
        self._rounds = 0
        self._latest: Finding | SourceError | None = None

    async def unit(self, probe: Callable[[], Awaitable[Finding]], inquiry: Inquiry) -> TimeUnit:
        """The unit to ask in: the known one, or else what `probe` finds, one probe at a time.

        Raises:
            SourceError: the probe failed: this caller's, or the one that it has waited for.
        """
        if self._known is not None:
            return self._known
        rounds = self._rounds
        await self._acquire(inquiry)
        try:
            # What another caller's probe came to in the meantime will do.
            if self._rounds == rounds:
                await self._probe(probe)
            return self._result()
        finally:
            self._lock.release()

    async def _acquire(self, inquiry: Inquiry) -> None:
        try:
            with Timeout(inquiry.clock, inquiry.deadline):
                await self._lock.acquire()
        except TimeoutError as error:
            message = (
                "The time that the call allowed passed while the unit of the upstream's dates was being found out."
            )
            raise UpstreamTimeoutError(message) from error

    async def _probe(self, probe: Callable[[], Awaitable[Finding]]) -> None:
        try:
            finding = await probe()
        except UpstreamTimeoutError:
            # Those who wait may have more time.
            raise
        except SourceError as error:
            self._latest = _untraced(error)
            self._rounds += 1
            raise
        self._latest = finding
        self._rounds += 1
        if finding.is_certain:
            self._known = finding.unit
            self._found(finding.unit)

    def _result(self) -> TimeUnit:
        if self._known is not None:
            return self._known
        match self._latest:
            case Finding(unit=unit):
                return unit
            case SourceError() as error:
                raise _untraced(error)
            case None:
                raise AssertionError("a round has ended without a result")


def _untraced(error: SourceError) -> SourceError:
    """A copy, so that no traceback is kept alive, or shared by those who are told."""
    return type(error)(str(error), retry_after=error.retry_after)
