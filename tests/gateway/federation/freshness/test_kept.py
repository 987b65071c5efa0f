"""What is kept of what a source said, and for which questions."""

from datetime import timedelta

import pytest

from adapters.errors import (
    AnswerHurriedError,
    AnswerIncompleteError,
    CircuitOpenError,
    SourceError,
    UnreachableError,
)
from adapters.inquiry import Inquiry
from adapters.ports import Source
from adapters.query import AccountQuestion, CountQuestion, EventFilter, EventsQuestion, MetricsQuestion, SeriesQuestion
from gateway.federation.asks import CheckQuestion, Question
from tests.clock import START, VirtualClock
from tests.fakes import FakeEvents, FakeEverything
from tests.gateway.federation.freshness.asking import (
    CLOSED,
    LONG_STALE,
    OPEN,
    Counting,
    Numbers,
    ask,
    federated,
    told,
)
from unified.analytics.v1.freshness_pb2 import (
    FRESHNESS_CACHED,
)


async def test_failures_are_not_kept() -> None:
    clock, source = VirtualClock(), Numbers()
    asked = federated(source, clock=clock)
    source.error = UnreachableError("No connection.")
    await ask(asked)
    source.error = None

    assert told(await ask(asked)) == "ANSWERED 2"


class Partial(Numbers):
    """Lacks something, for the reason given."""

    def __init__(self, why: SourceError) -> None:
        super().__init__()
        self._why = why

    async def ready(self, inquiry: Inquiry, question: object = None) -> None:
        await super().ready(inquiry, question)
        inquiry.miss("crm.others", self._why)


@pytest.mark.parametrize(
    ("why", "answer"),
    [
        (AnswerIncompleteError("Left out."), "PARTIAL 1 ANSWER_INCOMPLETE"),
        (AnswerHurriedError("Too short."), "PARTIAL 2 ANSWER_TRUNCATED"),
        (UnreachableError("No connection."), "PARTIAL 2 UPSTREAM_UNREACHABLE"),
    ],
)
async def test_what_lacks_something_is_kept_if_asking_again_would_not_bring_it(why: SourceError, answer: str) -> None:
    asked = federated(Partial(why), clock=VirtualClock())
    await ask(asked)

    assert told(await ask(asked)) == answer


async def test_a_check_is_always_a_question_to_the_upstream() -> None:
    source = Numbers()
    asked = federated(source, clock=VirtualClock())

    for _ in range(3):
        await ask(asked, question=CheckQuestion())

    assert len(source.asked) == 3


async def test_numbers_as_of_now_are_the_same_question_for_every_window() -> None:
    source = Numbers()
    asked = federated(source, clock=VirtualClock())

    for window in (OPEN, CLOSED):
        await ask(asked, question=MetricsQuestion(window=window, metrics=frozenset({"crm.things"})))

    assert len(source.asked) == 1


async def test_different_questions_have_different_answers() -> None:
    events, everything = FakeEvents("docs", 3), FakeEverything("ai", things=1)
    clock = VirtualClock()

    for source, questions in (
        (events, [CountQuestion(window=OPEN), CountQuestion(window=CLOSED)]),
        (everything, [AccountQuestion(), AccountQuestion(paths=frozenset({"license"}))]),
    ):
        asked = federated(source, clock=clock)
        for question in questions:
            await ask(asked, question=question)
        assert len(source.asked) == 2


async def test_sources_do_not_share_their_answers() -> None:
    one, two = Numbers("one"), Numbers("two")
    asked = federated(one, two, clock=VirtualClock())

    await ask(asked)

    assert (len(one.asked), len(two.asked)) == (1, 1)


async def test_an_answer_tells_when_its_source_was_observed_not_when_it_was_given() -> None:
    clock = VirtualClock()
    asked = federated(Numbers(), clock=clock)
    await ask(asked)
    await clock.advance(100)

    (outcome,) = (await ask(asked)).outcomes

    assert outcome.observe_time.ToDatetime(START.tzinfo) == START
    assert outcome.attempts == 1


async def test_what_is_used_again_tells_nothing_of_the_source() -> None:
    clock = VirtualClock()
    asked = federated(Numbers(), clock=clock)
    for _ in range(5):
        await ask(asked)
    await clock.advance(LONG_STALE)
    await ask(asked, FRESHNESS_CACHED)

    assert [each.count for each in asked.history("crm").counts] == [1]


async def test_a_refusal_of_ours_is_counted_and_is_no_failure_of_the_source() -> None:
    source = Numbers()
    asked = federated(source, clock=VirtualClock())
    source.error = CircuitOpenError("Not asked.", retry_after=timedelta(seconds=3))

    assert told(await ask(asked)) == "REFUSED CIRCUIT_OPEN"

    history = asked.history("crm")
    assert [each.count for each in history.counts] == [1]
    assert not history.HasField("last_failure")


NAMES = tuple(f"{number:0256}" for number in range(100))


@pytest.mark.parametrize(
    ("source", "question"),
    [
        (FakeEvents("docs", 0), CountQuestion(window=OPEN, filter=EventFilter(user_ids=NAMES))),
        (FakeEvents("docs", 0), EventsQuestion(window=OPEN, filter=EventFilter(names=NAMES))),
        (FakeEverything("ai"), SeriesQuestion(window=OPEN, metrics=frozenset(), event_names=NAMES)),
    ],
    ids=["count", "events", "series"],
)
async def test_the_texts_that_a_caller_chose_count_as_memory(source: Source, question: Question) -> None:
    """A question may be much larger than its answer."""
    meter = Counting()

    await ask(federated(source, clock=VirtualClock(), meter=meter), question=question)

    assert meter.size > 25_600
