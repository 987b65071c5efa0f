"""What a benchmark is."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from benchmarks.report import Comparison
from benchmarks.stage import Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """One of the suite."""

    name: str
    """As `--only` takes it."""
    measure: Callable[[Stage], Awaitable[Sequence[Comparison]]]
    """Runs it, and gives its part of the table. Raises BenchmarkError."""
