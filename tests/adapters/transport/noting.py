"""A meter that remembers what it is told."""

from typing import Literal

from adapters.meter import Circuit, Protector


class Noting:
    """For one source, or all: it does not tell them apart."""

    def __init__(self) -> None:
        self.attempts: list[str] = []
        self.retries: list[bool] = []
        self.waits: list[tuple[str, float]] = []
        self.refusals: list[Protector] = []
        self.circuits: list[Circuit] = []
        self.rates: list[float] = []

    def of(self, source: str) -> "Noting":
        del source
        return self

    def attempted(self, result: str) -> None:
        self.attempts.append(result)

    def retried(self, *, allowed: bool) -> None:
        self.retries.append(allowed)

    def waited(self, limit: Literal["bulkhead", "rate_limit"], seconds: float) -> None:
        self.waits.append((limit, seconds))

    def refused(self, by: Protector) -> None:
        self.refusals.append(by)

    def circuit(self, state: Circuit) -> None:
        self.circuits.append(state)

    def lowered(self, rate: float) -> None:
        self.rates.append(rate)
