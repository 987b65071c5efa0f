"""Which replies are kept, found again, and dropped."""

import gc
import weakref
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline import Answers, Reply
from gateway.pipeline.shelf import ShelfLife
from tests.gateway.pipeline.fakes import Observed
from unified.analytics.v1.analytics_service_pb2 import ListMetricsResponse
from unified.analytics.v1.metric_pb2 import Metric

M = "/service/ListMetrics"


def reply(value: float = 0, *, until: float = 100, kept: Sequence[Observed] = (), repeatable: bool = True) -> Reply:
    """A small one, observed at 0."""
    shelf = ShelfLife(observed=0, fresh_until=until, repeatable=repeatable, kept=kept)
    return Reply(message=ListMetricsResponse(metrics=[Metric(metric="m", value=value)]), shelf=shelf)


def large(size: int) -> Reply:
    """One whose message takes so many bytes, encoded, and some more."""
    shelf = ShelfLife(observed=0, fresh_until=100, repeatable=True, kept=())
    return Reply(message=ListMetricsResponse(metrics=[Metric(metric="m" * size)]), shelf=shelf)


def test_a_form_is_made_once_for_all_who_want_it() -> None:
    made: list[object] = []
    one = reply()

    def encode(message: object) -> bytes:
        made.append(message)
        return b"encoded"

    assert [b"encoded"] * 2 == [one.encoded("proto", encode), one.encoded("proto", encode)]
    assert [one.message] == made
    assert b"other" == one.encoded("json", lambda _: b"other")


def test_what_is_noted_once_stays() -> None:
    one = reply(7)

    assert ["first", "first"] == [one.once("tag", lambda _: "first"), one.once("tag", lambda _: "second")]


def test_what_was_dropped_is_held_by_nothing() -> None:
    """Not even until the garbage is collected, which comes seldom: it may be a whole page of events."""

    class Seen:
        is_kept = True
        is_used = False

    seen, answers = Seen(), Answers()
    held = weakref.ref(seen)
    shelf = ShelfLife(observed=0, fresh_until=100, repeatable=True, kept=[seen])
    answers.keep(M, b"q", Reply(message=ListMetricsResponse(), shelf=shelf), 0)
    del seen, shelf
    assert held() is not None

    gc.disable()
    try:
        assert answers.to(M, b"q", 100) is None
        assert held() is None
    finally:
        gc.enable()


def test_the_age_is_that_of_the_oldest_observation_in_whole_seconds() -> None:
    assert [0, 3, 0] == [reply().age(0.9), reply().age(3.9), reply().age(-1)]


def test_what_is_not_kept_has_no_age() -> None:
    assert Reply(message=ListMetricsResponse()).age(5) is None


def test_a_reply_is_found_by_its_request_and_by_each_spelling() -> None:
    answers, one = Answers(), reply()

    assert answers.keep(M, b"q", one, 0, b"bytes") is one
    assert answers.to(M, b"q", 1, "/v1/metrics?a") is one
    assert [one, one] == [answers.spelled(M, b"bytes", 1), answers.spelled(M, "/v1/metrics?a", 1)]


def test_another_methods_request_of_the_same_bytes_is_another_request() -> None:
    answers = Answers()
    answers.keep(M, b"", reply(), 0, b"")

    assert answers.spelled("/service/Other", b"", 0) is None
    assert answers.to("/service/Other", b"", 0) is None


@pytest.mark.parametrize("now", [100, 101])
def test_a_reply_that_has_ceased_to_be_fresh_is_dropped(now: float) -> None:
    answers = Answers()
    answers.keep(M, b"q", reply(until=100), 0, b"s")

    assert answers.spelled(M, b"s", 99.9) is not None
    assert answers.spelled(M, b"s", now) is None
    assert (0, 0) == answers.held


def test_what_a_reply_is_made_of_is_used_when_it_is_given_again_and_not_when_it_is_looked_at() -> None:
    """Else whoever reads page after page would seem to use each of them twice, and push out what others use."""
    answers, seen = Answers(most_entries=2), Observed()
    answers.keep(M, b"q", reply(kept=[seen]), 0)
    answers.keep(M, b"r", reply(), 0)

    assert not seen.is_used
    assert answers.to(M, b"q", 1) is not None
    assert seen.is_used


def test_a_reply_whose_observation_has_been_replaced_is_dropped() -> None:
    answers, seen = Answers(), Observed()
    answers.keep(M, b"q", reply(kept=[Observed(), seen]), 0, b"s")
    seen.is_kept = False

    assert answers.spelled(M, b"s", 1) is None
    assert (0, 0) == answers.held


@pytest.mark.parametrize(
    "one", [Reply(message=ListMetricsResponse()), reply(until=0), reply(repeatable=False)], ids=["no", "stale", "once"]
)
def test_what_may_not_be_given_again_is_not_kept(one: Reply) -> None:
    answers = Answers()

    assert answers.keep(M, b"q", one, 0, b"s") is one
    assert (0, 0) == answers.held


def test_of_two_equal_replies_the_first_is_sent_to_both() -> None:
    """What they are made of is the same, and the first may be encoded already."""
    answers, first = Answers(), reply()
    answers.keep(M, b"q", first, 0, b"one")

    assert answers.keep(M, b"q", reply(), 0, "/two") is first
    assert answers.spelled(M, "/two", 0) is first


def test_a_better_reply_takes_the_place_of_one_that_is_no_longer_good() -> None:
    answers, second = Answers(), reply(2, until=200)
    answers.keep(M, b"q", reply(1, until=100), 0, b"s")

    assert answers.keep(M, b"q", second, 150, b"s") is second
    assert answers.spelled(M, b"s", 150) is second
    assert 1 == answers.held[0]


def test_of_too_many_the_one_that_was_used_longest_ago_goes() -> None:
    answers = Answers(most_entries=2)
    answers.keep(M, b"a", reply(), 0, b"a")
    answers.keep(M, b"b", reply(), 0, b"b")
    answers.spelled(M, b"a", 0)
    answers.keep(M, b"c", reply(), 0, b"c")

    assert [True, False, True] == [answers.spelled(M, each, 0) is not None for each in (b"a", b"b", b"c")]


def test_what_is_no_longer_good_goes_when_another_comes() -> None:
    answers = Answers()
    answers.keep(M, b"old", reply(until=10), 0)
    answers.keep(M, b"new", reply(until=100), 50)

    assert 1 == answers.held[0]


def test_the_bytes_are_bounded_with_the_forms_that_come_later() -> None:
    answers = Answers(most_bytes=100_000)
    for name in (b"a", b"b", b"c"):
        answers.keep(M, name, large(1000), 0, name)
    newest = answers.spelled(M, b"c", 0)
    assert newest is not None

    newest.encoded("json", lambda _: b"x" * 90_000)

    entries, held = answers.held
    assert 1 == entries
    assert 90_000 < held <= 100_000
    assert answers.spelled(M, b"c", 0) is newest


def test_a_reply_that_would_drive_out_all_others_is_not_kept() -> None:
    answers = Answers(most_bytes=100_000)
    answers.keep(M, b"q", large(10_000), 0)

    assert (0, 0) == answers.held


def test_forms_of_a_reply_that_was_dropped_are_not_counted() -> None:
    answers, one = Answers(), reply(until=10)
    answers.keep(M, b"q", one, 0, b"s")
    answers.spelled(M, b"s", 10)

    one.encoded("json", lambda _: b"x" * 1000)

    assert (0, 0) == answers.held


def test_only_so_many_spellings_of_one_request_are_remembered_the_latest() -> None:
    answers = Answers()
    answers.keep(M, b"q", reply(), 0, "/0")
    for number in range(1, 20):
        answers.to(M, b"q", 0, f"/{number}")

    remembered = [number for number in range(20) if answers.spelled(M, f"/{number}", 0)]
    assert list(range(12, 20)) == remembered


def test_a_very_long_spelling_is_not_remembered() -> None:
    answers = Answers()
    answers.keep(M, b"q", reply(), 0, "x" * 2049)

    assert answers.spelled(M, "x" * 2049, 0) is None
    assert answers.to(M, b"q", 0) is not None


def test_with_no_room_nothing_is_kept() -> None:
    for answers in (Answers(most_entries=0), Answers(most_bytes=0)):
        answers.keep(M, b"q", reply(), 0, b"s")
        assert (0, 0) == answers.held


_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("keep"), st.integers(0, 5), st.integers(0, 9), st.integers(1, 30)),
        st.tuples(st.just("ask"), st.integers(0, 5), st.integers(0, 9), st.just(0)),
        st.tuples(st.just("wait"), st.integers(1, 10), st.just(0), st.just(0)),
        st.tuples(st.just("grow"), st.integers(0, 5), st.integers(0, 3), st.integers(0, 4000)),
    ),
    max_size=60,
)


@given(_STEPS)
def test_whatever_happens_only_what_is_good_is_found_and_no_bound_is_crossed(
    steps: list[tuple[str, int, int, int]],
) -> None:
    """Beside a plain model: the latest reply to each request. One may be forgotten, but never be another's, or old."""
    answers, now = Answers(most_entries=4, most_bytes=30_000), 0.0
    model: dict[int, Reply] = {}
    for step, request, other, amount in steps:
        key, spelling = b"%d" % request, f"{request}/{other}"
        found = model.get(request)
        match step:
            case "keep":
                model[request] = answers.keep(M, key, reply(request, until=now + amount), now, spelling)
            case "ask":
                got = answers.spelled(M, spelling, now) or answers.to(M, key, now, spelling)
                assert got is None or (got is found and got.shelf is not None and got.shelf.is_good(now))
            case "wait":
                now += request
            case _:
                (found or reply()).encoded(str(other), lambda _, size=amount: b"x" * size)  # type: ignore[misc]  # a default binds it
        entries, held = answers.held
        assert entries <= 4
        assert 0 <= held <= 30_000
        assert (entries == 0) == (held == 0)
