"""Numbers from samples."""

import math
from collections.abc import Sequence
from statistics import fmean, linear_regression


def percentile(values: Sequence[float], percent: int) -> float:
    """By the nearest rank; 0 of no values."""
    ordered = sorted(values)
    return ordered[math.ceil(len(ordered) * percent / 100) - 1] if ordered else 0.0


def slope(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """By how much the second numbers grow for each one that the first grow, by least squares, and its standard error.

    Of fewer than three points it is 0, and anything is possible.
    """
    if len({at for at, _ in points}) < 3:  # noqa: PLR2004 - two points are always on a line
        return 0.0, math.inf
    times, values = zip(*points, strict=True)
    line = linear_regression(times, values)
    rests = [value - line.intercept - line.slope * at for at, value in points]
    spread = sum((at - fmean(times)) ** 2 for at in times)
    return line.slope, math.sqrt(sum(rest**2 for rest in rests) / (len(points) - 2) / spread)
