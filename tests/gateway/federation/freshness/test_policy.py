"""How long what was observed is fresh."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventsQuestion,
    MetricsQuestion,
    RankingQuestion,
    SeriesQuestion,
    Window,
)
from adapters.settings.freshness import FreshnessSettings
from gateway.federation.asks import Ask, CheckQuestion, Question
from gateway.federation.freshness.policy import fresh_for
from tests.clock import START
from tests.fakes import FakeSource, opened
from tests.gateway.federation.freshness.asking import CLOSED, OPEN
from unified.analytics.v1.metric_pb2 import (
    METRIC_KIND_CUMULATIVE,
    METRIC_KIND_DELTA,
    METRIC_KIND_GAUGE,
    MetricDescriptor,
)

POLICY = FreshnessSettings()
SETTLING = timedelta(seconds=POLICY.settling)


class Mixed(FakeSource):
    """Tells levels, totals, and what happened within a window."""

    @property
    def metric_descriptors(self) -> Sequence[MetricDescriptor]:
        kinds = {"now": METRIC_KIND_GAUGE, "total": METRIC_KIND_CUMULATIVE, "within": METRIC_KIND_DELTA, "odd": None}
        return [MetricDescriptor(metric=metric, value_kind=kind) for metric, kind in kinds.items()]


SOURCE = opened(Mixed("crm"))["crm"]


def metrics(window: Window, *ids: str) -> MetricsQuestion:
    return MetricsQuestion(window=window, metrics=frozenset(ids))


@pytest.mark.parametrize(
    ("question", "seconds"),
    [
        (CheckQuestion(), 0),
        (AccountQuestion(), POLICY.accounts),
        (EventsQuestion(window=OPEN), POLICY.events),
        (EventsQuestion(window=CLOSED), POLICY.events),
        (CountQuestion(window=OPEN), POLICY.open_window),
        (CountQuestion(window=CLOSED), POLICY.closed_window),
        (SeriesQuestion(window=CLOSED, metrics=frozenset({"now"})), POLICY.closed_window),
        (RankingQuestion(window=CLOSED, ranking="active-users", limit=3), POLICY.closed_window),
        (metrics(OPEN, "now", "total"), POLICY.totals),
        (metrics(CLOSED, "now", "total"), POLICY.totals),
        (metrics(OPEN, "within"), POLICY.open_window),
        (metrics(CLOSED, "within"), POLICY.closed_window),
        (metrics(OPEN, "within", "now"), POLICY.open_window),
        (metrics(CLOSED, "within", "now"), POLICY.totals),
        (metrics(OPEN, "odd"), POLICY.open_window),
    ],
)
def test_it_depends_on_what_was_asked(question: Question, seconds: float) -> None:
    assert fresh_for(Ask(source=SOURCE, question=question), START) == seconds


def test_a_window_is_over_only_when_what_arrives_late_has_settled() -> None:
    ask = Ask(source=SOURCE, question=CountQuestion(window=CLOSED))

    assert fresh_for(ask, CLOSED.end + SETTLING) == POLICY.closed_window
    assert fresh_for(ask, CLOSED.end + SETTLING - timedelta(microseconds=1)) == POLICY.open_window


def test_a_window_may_end_with_the_calendar() -> None:
    last = replace(OPEN, end=OPEN.end.max.replace(tzinfo=START.tzinfo))

    assert fresh_for(Ask(source=SOURCE, question=CountQuestion(window=last)), START) == POLICY.open_window
