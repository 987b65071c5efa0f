"""What spares an upstream, as it may be configured."""

import pytest
from pydantic import ValidationError

from adapters.settings import SourceSettings


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("retry", "budget", -0.1),
        ("retry", "budget", 1.1),
        ("retry", "budget_floor", -1),
        ("breaker", "failure_ratio", 0),
        ("breaker", "failure_ratio", 1.1),
        ("breaker", "window", 0),
        ("breaker", "least_requests", 0),
        ("breaker", "pause", 0),
        ("breaker", "longest_pause", float("inf")),
        ("breaker", "least_timeout", float("nan")),
        ("limits", "concurrency", 0),
        ("limits", "concurrency", 1001),
        ("limits", "queue", -1),
        ("limits", "rate", 0),
        ("limits", "rate", float("nan")),
        ("limits", "burst", 0),
        ("limits", "bursts", 1),
    ],
)
def test_a_number_that_makes_no_sense_is_refused_by_its_name(table: str, key: str, value: float) -> None:
    with pytest.raises(ValidationError) as refused:
        SourceSettings.model_validate({"kind": "example", table: {key: value}})

    assert [error["loc"] for error in refused.value.errors()] == [(table, key)]


def test_the_longest_pause_is_never_shorter_than_the_first() -> None:
    with pytest.raises(ValidationError, match=r"longest_pause: 4\.0 is shorter than pause, 5\.0"):
        SourceSettings.model_validate({"kind": "example", "breaker": {"longest_pause": 4}})
