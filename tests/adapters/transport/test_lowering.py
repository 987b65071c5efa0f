"""How far the rate of requests falls, and how it recovers."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.transport.lowering import STEP, Lowering, Pace


def test_a_refusal_halves_what_was_sent() -> None:
    lowering = Lowering(16.0)

    lowering.refused(8.0, 100.0, calm_from=100.0)

    assert lowering.rate(100.0) == 4.0
    assert lowering.is_lowered(100.0)


def test_refusals_that_come_together_are_one() -> None:
    lowering = Lowering(16.0)
    for moment in (100.0, 100.5, 101.9):
        lowering.refused(16.0, moment, calm_from=moment)
    assert lowering.rate(101.9) == 8.0

    lowering.refused(16.0, 102.0, calm_from=102.0)
    assert lowering.rate(102.0) == 4.0


def test_refusals_that_come_together_are_over_when_the_last_of_them_is() -> None:
    lowering = Lowering(16.0)
    lowering.refused(16.0, 100.0, calm_from=100.0)
    lowering.refused(16.0, 100.1, calm_from=400.1)

    assert [lowering.rate(at) for at in (100.1, 400.0, 400.1 + STEP)] == [8.0, 8.0, pytest.approx(9.6)]


def test_what_is_allowed_meanwhile_does_not_let_it_recover_earlier() -> None:
    lowering = Lowering(16.0)
    lowering.refused(16.0, 100.0, calm_from=400.0)
    lowering.to(8.0, 16.0, 100.1, calm_from=101.0)

    assert [lowering.rate(at) for at in (101.0, 399.9, 400.0 + STEP)] == [8.0, 8.0, pytest.approx(9.6)]


def test_it_recovers_in_steps_and_never_above_what_is_configured() -> None:
    lowering = Lowering(10.0)
    lowering.refused(10.0, 100.0, calm_from=130.0)

    assert [lowering.rate(at) for at in (130.0, 139.9, 140.0, 150.0, 170.0)] == [5.0, 5.0, 6.0, 7.0, 9.0]
    assert lowering.rate(180.0) == 10.0
    assert not lowering.is_lowered(180.0)
    assert lowering.rate(1e9) == 10.0


def test_a_source_without_a_rate_has_one_only_while_it_is_lowered() -> None:
    lowering = Lowering(None)
    assert lowering.rate(100.0) is None

    lowering.refused(20.0, 100.0, calm_from=100.0)

    assert lowering.rate(100.0) == 10.0
    assert lowering.rate(100.0 + 4 * STEP) == pytest.approx(18.0)
    assert lowering.rate(100.0 + 5 * STEP) is None


def test_a_rate_is_never_guessed_to_be_next_to_nothing() -> None:
    lowering = Lowering(10.0)
    for moment in range(100, 200, 5):
        lowering.refused(0.1, float(moment), calm_from=moment + 60)
    assert lowering.rate(200.0) == 0.5

    slow = Lowering(0.2)
    slow.refused(0.2, 100.0, calm_from=100.0)
    assert slow.rate(100.0) == 0.1


def test_a_new_word_never_raises_what_is_lower() -> None:
    lowering = Lowering(10.0)
    lowering.to(2.0, 10.0, 100.0, calm_from=160.0)

    lowering.to(8.0, 10.0, 101.0, calm_from=161.0)
    assert lowering.rate(101.0) == 2.0

    lowering.to(1.0, 10.0, 102.0, calm_from=162.0)
    assert lowering.rate(102.0) == 1.0


@given(
    st.none() | st.floats(0.01, 1000),
    st.lists(st.tuples(st.floats(0, 60), st.floats(0, 2000), st.floats(0, 500)), max_size=20),
)
def test_whatever_happens_the_rate_stays_within_what_is_configured_and_comes_back(
    configured: float | None, refusals: list[tuple[float, float, float]]
) -> None:
    lowering, now = Lowering(configured), 1000.0
    for later, pace, pause in refusals:
        now += later
        lowering.refused(pace, now, calm_from=now + pause)
        rate = lowering.rate(now)
        assert rate is None or 0 < rate <= (configured or rate)

    assert lowering.rate(now + 500 + 11 * STEP) == configured


def test_the_pace_is_that_of_the_last_ten_seconds() -> None:
    pace = Pace()
    for tenth in range(1000, 1200):
        pace.note(tenth / 10)

    assert pace.per_second(120.0) == pytest.approx(10.0)
    assert pace.per_second(125.0) == pytest.approx(5.0)
    assert pace.per_second(140.0) == 0.0
