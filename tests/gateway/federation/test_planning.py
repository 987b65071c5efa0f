"""Plans that are made once for equal requests."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.query import Window
from gateway.federation import planning
from gateway.federation.asks import Plan
from gateway.federation.plan import Sources, plan_metrics
from gateway.federation.planning import LARGEST, Plans
from gateway.federation.window import end_of_today, window_of
from gateway.pipeline.errors import CallError, InvalidRequestError
from tests.clock import START
from tests.fakes import FakeSource, opened
from unified.analytics.v1.analytics_service_pb2 import ListMetricsRequest

SOURCES = opened(FakeSource("crm", contacts=1, sales=2), FakeSource("ai", projects=3))

REQUESTS = st.builds(
    ListMetricsRequest,
    metrics=st.lists(st.sampled_from(["crm.contacts", "crm.sales", "ai.projects", "ai.strange"]), max_size=2),
    sources=st.lists(st.sampled_from(["crm", "ai", "strange"]), max_size=2, unique=True),
    required_sources=st.lists(st.sampled_from(["crm", "ai"]), max_size=1),
    start_time=st.none() | st.integers(-2, 2).map(lambda days: START - timedelta(days=days)),
)


class Counted:
    """Plans metrics, and counts how often."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, sources: Sources, request: ListMetricsRequest, window: Window) -> Plan:
        self.made += 1
        return plan_metrics(sources, request, window)


def a_request(days: int = 1) -> ListMetricsRequest:
    return ListMetricsRequest(start_time=START - timedelta(days=days))


@settings(deadline=None)
@given(st.lists(st.tuples(REQUESTS, st.integers(0, 2)), max_size=8))
def test_a_plan_is_that_of_its_request_and_day(wanted: list[tuple[ListMetricsRequest, int]]) -> None:
    plans = Plans(SOURCES)
    for request, days in wanted * 2:
        now = START + timedelta(days=days)
        try:
            expected: Plan | str = plan_metrics(SOURCES, request, window_of(request, end_of_today(now)))
        except CallError as error:
            expected = str(error)

        try:
            plan: Plan | str = plans.plan(plan_metrics, request, now)
        except CallError as error:
            plan = str(error)

        assert plan == expected


def test_equal_requests_of_a_day_share_one() -> None:
    plans, make = Plans(SOURCES), Counted()

    assert plans.plan(make, a_request(), START) is plans.plan(make, a_request(), START + timedelta(hours=1))
    assert make.made == 1


def test_a_request_that_is_changed_later_changes_no_plan() -> None:
    plans, request = Plans(SOURCES), ListMetricsRequest(metrics=["ai.projects"])
    before = plans.plan(plan_metrics, request, START)
    request.metrics[:] = ["crm.sales"]

    assert [ask.source.id for ask in before.asks] == ["ai"]
    assert [ask.source.id for ask in plans.plan(plan_metrics, request, START).asks] == ["crm"]


def test_a_refusal_is_made_anew() -> None:
    plans, make, strange = Plans(SOURCES), Counted(), ListMetricsRequest(metrics=["crm.strange"])

    for _ in range(2):
        with pytest.raises(InvalidRequestError):
            plans.plan(make, strange, START)

    assert make.made == 2


def test_no_more_are_kept_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "MOST_PLANS", 2)
    plans, make = Plans(SOURCES), Counted()

    for days in (1, 2, 3, 3, 1):
        plans.plan(make, a_request(days), START)

    assert make.made == 4


def test_that_of_a_large_request_is_not_kept() -> None:
    plans, make = Plans(SOURCES), Counted()
    large = ListMetricsRequest(metrics=["crm.contacts"] * (LARGEST // 10))

    for _ in range(2):
        plans.plan(make, large, START)

    assert make.made == 2
