"""Rows of numbers that were observed at one moment."""

from datetime import UTC, datetime

from adapters.metrics import observed_metrics

NOW = datetime(2026, 3, 18, 12, 0, 0, 250_000, tzinfo=UTC)


def test_each_row_says_whose_number_it_is_and_when_it_was_observed() -> None:
    rows = observed_metrics("crm", NOW, [("crm.b", 2), ("crm.a", 0.5)])
    assert [("crm.b", 2.0), ("crm.a", 0.5)] == [(row.metric, row.value) for row in rows]
    assert all(row.source == "crm" and row.observe_time.ToDatetime(UTC) == NOW for row in rows)


def test_what_is_not_known_is_absent_and_zero_is_not() -> None:
    assert [False, True] == [row.HasField("value") for row in observed_metrics("crm", NOW, [("a", None), ("b", 0)])]


def test_what_becomes_of_one_row_is_not_in_the_next() -> None:
    first, second = observed_metrics("crm", NOW, [("a", 1), ("b", None)])
    first.labels["name"] = "x"
    first.observe_time.seconds = 0
    assert {} == dict(second.labels)
    assert second.observe_time.ToDatetime(UTC) == NOW
