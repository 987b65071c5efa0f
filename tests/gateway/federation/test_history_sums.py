"""What is remembered of many questions at once: how long their answers took, and where these departed."""

from datetime import timedelta

import pytest

from adapters.drift import MOST_FIELDS, DriftKind
from adapters.inquiry import Inquiry
from tests.clock import VirtualClock
from tests.fakes import FakeSource, federation
from tests.gateway.federation.remembering import MovingSource, check
from unified.analytics.v1.outcome_pb2 import DriftWarning


class DriftingSource(FakeSource):
    """Departs from its documentation in one more field with each answer, and always in `old`."""

    answers = 0

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        await super().ready(inquiry, question)
        self.answers += 1
        inquiry.drift.note("old", DriftKind.MISSING)
        inquiry.drift.note(f"new{self.answers:03}", DriftKind.UNKNOWN, 2)


def seconds(*latencies: int) -> list[timedelta]:
    return [timedelta(seconds=each) for each in latencies]


async def test_recent_latency_is_that_of_the_last_hundred_answers() -> None:
    """Of those that took 1, 2, 3 ... 120 seconds, the last hundred took 21 to 120."""
    clock = VirtualClock()

    history = await check(federation(MovingSource("crm", clock), clock=clock), times=120)

    recent = history.recent_latency
    assert recent.count == 100
    assert [recent.median.ToTimedelta(), recent.p95.ToTimedelta()] == seconds(20 + 50, 20 + 95)


@pytest.mark.parametrize(("times", "median", "p95"), [(1, 1, 1), (2, 1, 2), (3, 2, 3), (19, 10, 19), (20, 10, 19)])
async def test_few_answers_are_summed_up_by_ones_that_occurred(times: int, median: int, p95: int) -> None:
    clock = VirtualClock()

    history = await check(federation(MovingSource("crm", clock), clock=clock), times=times)

    recent = history.recent_latency
    assert recent.count == times
    assert [recent.median.ToTimedelta(), recent.p95.ToTimedelta()] == seconds(median, p95)


async def test_drift_adds_up_over_all_answers() -> None:
    history = await check(federation(DriftingSource("crm")), times=2)

    assert list(history.drift) == [
        DriftWarning(field="new001", kind=DriftWarning.KIND_UNKNOWN, count=2),
        DriftWarning(field="new002", kind=DriftWarning.KIND_UNKNOWN, count=2),
        DriftWarning(field="old", kind=DriftWarning.KIND_MISSING, count=2),
    ]


async def test_an_upstream_that_invents_fields_for_ever_does_not_fill_the_memory() -> None:
    history = await check(federation(DriftingSource("crm")), times=MOST_FIELDS + 10)

    # `old` and 99 new ones are told apart; the other eleven are counted together.
    assert len(history.drift) == MOST_FIELDS + 1
    assert {warning.field: warning.count for warning in history.drift}["…"] == 11 * 2
