"""The orders that the contract promises."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.federation import merge
from unified.analytics.v1.account_pb2 import Account
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
@given(st.permutations(ROWS))
def test_rows_are_sorted_by_metric_source_and_labels(rows: list[Metric]) -> None:
    assert merge.metrics(rows) == ROWS


def test_rankings_are_sorted_by_ranking_and_source() -> None:
    found = [Ranking(ranking="b", source="one"), Ranking(ranking="a", source="two"), Ranking(ranking="a", source="one")]

    assert [(r.ranking, r.source) for r in merge.rankings(found)] == [("a", "one"), ("a", "two"), ("b", "one")]


def test_accounts_are_sorted_by_source() -> None:
    assert [a.source for a in merge.accounts([Account(source="b"), Account(source="a")])] == ["a", "b"]


def test_outcomes_are_sorted_by_source_and_part() -> None:
    found = [
        SourceOutcome(source="b", part=PART_METRICS),
        SourceOutcome(source="a", part=PART_ACCOUNTS),
        SourceOutcome(source="a", part=PART_METRICS),
    ]

    assert merge.outcomes(found) == [found[2], found[1], found[0]]
