"""How many retries there are in all."""

from adapters.settings import RetrySettings
from adapters.transport.budget import RetryBudget
from adapters.transport.lately import Lately


def budget(*, share: float = 0.2, floor: int = 0) -> RetryBudget:
    return RetryBudget(RetrySettings(budget=share, budget_floor=floor))


def spent(some: RetryBudget, now: float, *, tries: int = 1000) -> int:
    """How many retries are allowed at that moment."""
    return sum(some.spend(now) for _ in range(tries))


def test_retries_are_at_most_a_share_of_what_was_asked_of_late() -> None:
    some = budget()
    for second in range(10):
        for _ in range(10):
            some.asked(100 + second)

    assert spent(some, 109) == 20
    assert spent(some, 109) == 0


def test_a_quiet_source_has_a_few_retries_all_the_same_and_a_busy_one_not_those_besides() -> None:
    quiet, busy = budget(floor=4), budget(floor=4)
    quiet.asked(100)
    for _ in range(100):
        busy.asked(100)

    assert (spent(quiet, 100), spent(busy, 100)) == (4, 20)


def test_what_was_asked_more_than_ten_seconds_ago_pays_for_nothing() -> None:
    some = budget()
    for _ in range(100):
        some.asked(100)

    assert spent(some, 110) == 0


def test_retries_of_more_than_ten_seconds_ago_are_forgotten() -> None:
    some = budget(floor=4)

    assert (spent(some, 100), spent(some, 108.9), spent(some, 110)) == (4, 0, 4)


def test_without_a_budget_nothing_is_repeated() -> None:
    some = budget(share=0)
    some.asked(100)

    assert spent(some, 100) == 0


def test_a_count_goes_back_for_nine_tenths_of_its_span_at_least_and_all_of_it_at_most() -> None:
    lately = Lately(10)
    lately.note(100.99)
    lately.note(101)

    assert [lately.count(moment) for moment in (101, 109.99, 110, 110.99, 111, 10**9)] == [2, 2, 1, 1, 0, 0]


def test_a_count_that_is_cleared_begins_anew() -> None:
    lately = Lately(10)
    lately.note(100)
    lately.clear()
    lately.note(101)

    assert [lately.count(moment) for moment in (101, 110.5, 111)] == [1, 1, 0]
