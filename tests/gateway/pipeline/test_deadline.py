"""Who gets how much time."""

import math

from gateway.pipeline import DeadlinePolicy

POLICY = DeadlinePolicy(default=10, longest=60, longest_stream=3600)


def test_a_caller_gets_the_time_it_asks_for() -> None:
    assert 3 == POLICY.allow(3, streaming=False)


def test_a_caller_that_asks_for_none_gets_the_default() -> None:
    assert 10 == POLICY.allow(None, streaming=False)


def test_nobody_gets_more_than_the_longest() -> None:
    assert 60 == POLICY.allow(61, streaming=False)
    assert 60 == POLICY.allow(math.inf, streaming=False)


def test_a_stream_may_take_longer_and_by_default_does() -> None:
    assert 61 == POLICY.allow(61, streaming=True)
    assert 3600 == POLICY.allow(None, streaming=True)
    assert 3600 == POLICY.allow(1e9, streaming=True)


def test_a_default_over_the_longest_is_cut_too() -> None:
    assert 5 == DeadlinePolicy(default=10, longest=5).allow(None, streaming=False)


def test_time_that_has_run_out_is_zero() -> None:
    assert 0 == POLICY.allow(-1, streaming=False)


def test_what_is_no_number_counts_as_asking_for_too_much() -> None:
    assert 60 == POLICY.allow(math.nan, streaming=False)
