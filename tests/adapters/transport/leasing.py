"""Values that end, and an upstream that gives them out."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from adapters.errors import UnreachableError
from adapters.inquiry import Inquiry
from adapters.transport import Lease, Renewal
from tests.adapters.transport.waiting import Work
from tests.clock import START, VirtualClock

PAUSE = 10
DOWN = UnreachableError("The token endpoint is down.")


def lease(
    value: str, *, ends: float | None = 100, renewed: float | None = 80, slides: float | None = None
) -> Lease[str]:
    """A lease that ends so many seconds after the start, and is renewed from so many on."""

    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else START + timedelta(seconds=seconds)

    return Lease(
        value=value,
        expire_time=moment(ends),
        renew_time=moment(renewed),
        slides=None if slides is None else timedelta(seconds=slides),
    )


class Upstream:
    """Gives out one lease after the other, or fails; `asked` tells the time that each fetch had."""

    def __init__(self, outcomes: Iterable[Lease[str] | Exception]) -> None:
        self.outcomes = iter(outcomes)
        self.asked: list[float] = []

    async def __call__(self, inquiry: Inquiry) -> Lease[str]:
        self.asked.append(inquiry.remaining())
        outcome = next(self.outcomes)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def renewal_of(clock: VirtualClock, *outcomes: Lease[str] | Exception) -> tuple[Renewal[str], Upstream]:
    upstream = Upstream(outcomes)
    return Renewal(upstream, source="played", clock=clock, allowed=5, pause=PAUSE), upstream


def held_renewal(clock: VirtualClock) -> tuple[Renewal[str], Work[Lease[str]]]:
    """A renewal whose fetches the test holds."""
    work = Work[Lease[str]]()
    return Renewal(lambda _: work(), source="played", clock=clock, allowed=5, pause=PAUSE), work
