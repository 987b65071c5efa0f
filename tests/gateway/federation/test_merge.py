"""The orders that the contract promises."""

from itertools import chain

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation import merge
from unified.analytics.v1.analytics_service_pb2 import ListMetricsResponse
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.outcome_pb2 import PART_ACCOUNTS, PART_METRICS, SourceOutcome
from unified.analytics.v1.ranking_pb2 import Ranking

ROWS = [
    Metric(metric="a.events", source="one", labels={"event_name": "login"}),
    Metric(metric="a.events", source="one", labels={"event_name": "search"}),
    Metric(metric="a.events", source="two"),
    Metric(metric="b.things", source="one"),
]


@settings(deadline=None)
@given(st.permutations([ROWS[:2], ROWS[3:]]))
def test_rows_are_sorted_by_metric_source_and_labels(told: list[list[Metric]]) -> None:
    """In whichever order a source tells its metrics. Those of the same metric it tells in the order of their labels."""
    assert merge.metrics([*chain.from_iterable(told), ROWS[2]]) == ROWS


def test_what_is_copied_is_the_same_and_stays_the_sources_own() -> None:
    answer = ListMetricsResponse()

    merge.copy(ROWS, answer.metrics)
    answer.metrics[0].value = 5

    assert answer.metrics[1:] == ROWS[1:]
    assert not ROWS[0].HasField("value")


def test_rankings_are_sorted_by_ranking_and_source() -> None:
    found = [Ranking(ranking="b", source="one"), Ranking(ranking="a", source="one"), Ranking(ranking="a", source="two")]

    assert [(r.ranking, r.source) for r in merge.rankings(found)] == [("a", "one"), ("a", "two"), ("b", "one")]


def test_outcomes_are_sorted_by_source_and_part() -> None:
    found = [
        SourceOutcome(source="b", part=PART_METRICS),
        SourceOutcome(source="a", part=PART_ACCOUNTS),
        SourceOutcome(source="a", part=PART_METRICS),
    ]

    assert merge.outcomes(found) == [found[2], found[1], found[0]]
