"""How often something has happened of late."""

_PARTS = 10
"""Of a span: what is older is forgotten a tenth of the span at a time. Finer parts would not change any decision."""


class Lately:
    """A count of what happened within the latest so many seconds, in constant memory and time.

    It reaches back between nine tenths of the span and all of it. Moments are seconds on a monotonic scale, handed in.
    """

    __slots__ = ("_counts", "_part", "_part_seconds", "_sum")

    def __init__(self, seconds: float) -> None:
        """Nothing has happened yet."""
        self._part_seconds = seconds / _PARTS
        self._part = 0
        self._counts = [0] * _PARTS
        self._sum = 0

    def note(self, now: float) -> None:
        """It happens now."""
        part = int(now // self._part_seconds)
        if part != self._part:
            self._turn(part)
        self._counts[part % _PARTS] += 1
        self._sum += 1

    def count(self, now: float) -> int:
        """How often it has happened."""
        part = int(now // self._part_seconds)
        if part != self._part:
            self._turn(part)
        return self._sum

    def clear(self) -> None:
        """Forget it all."""
        self._counts = [0] * _PARTS
        self._sum = 0

    def _turn(self, part: int) -> None:
        for passed in range(self._part + 1, min(part, self._part + _PARTS) + 1):
            place = passed % _PARTS
            self._sum -= self._counts[place]
            self._counts[place] = 0
        self._part = part
