"""Answers that depart from what is documented, in ways that chance decides: no crash, no hang, no invented value."""

import json
from collections.abc import Sequence

from google.protobuf.message import Message
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.errors import SourceError
from adapters.ports import RankingsSource, Source
from tests.adapters.conformance.mutations import KINDS, LOSSES, Mutation
from tests.adapters.conformance.offering import offering
from tests.adapters.conformance.questions import LIMIT, Ask, questions
from tests.clock import VirtualClock
from tests.running import Running, inquire
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries

AT = st.integers(min_value=0, max_value=100_000)
MUTATIONS = st.builds(Mutation, kind=st.sampled_from(KINDS), at=AT)
LOSS = st.builds(Mutation, kind=st.sampled_from(sorted(LOSSES)), at=AT)

EVERYBODY = 1000
"""More entries than a ranking of the fictional company has."""

BOUNDED = settings(
    max_examples=30,
    deadline=None,
    # The simulator runs on from example to example; each resets it.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Values = dict[tuple[object, ...], float]


@BOUNDED
@given(mutations=st.lists(MUTATIONS, min_size=1, max_size=3), which=st.integers(min_value=0, max_value=100))
async def test_any_departure_is_survived(running: Running, mutations: list[Mutation], which: int) -> None:
    """An answer or a `SourceError`, and nothing else; and whatever is told can be sent on."""
    running.control.reset()
    running.control.rewrite = lambda body: in_turn(mutations, body)
    async with running.open(VirtualClock(flowing=True), retry={"attempts": 1}) as source:
        answer = await attempt(running, pick(source, which))
    for message in answer or []:
        message.SerializeToString()


@BOUNDED
@given(mutation=LOSS, which=st.integers(min_value=0, max_value=100))
async def test_what_is_lost_is_absent_and_not_replaced(running: Running, mutation: Mutation, which: int) -> None:
    """Where one scalar is null or mistyped, each number is the true one, or absent."""
    running.control.reset()
    async with running.open(VirtualClock(flowing=True), retry={"attempts": 1}) as source:
        # With everybody in it: who has lost a number may make room for somebody whose number is as true.
        question = pick(source, which, limit=EVERYBODY)
        true = values(source, await attempt(running, question) or [])
        running.control.rewrite = mutation
        told = values(source, await attempt(running, question) or [])
    assert {key: value for key, value in told.items() if true.get(key) != value} == {}


@BOUNDED
@given(which=st.integers(min_value=0, max_value=100), after=st.integers(min_value=0, max_value=3))
async def test_an_upstream_that_answers_the_same_for_ever_ends(running: Running, which: int, after: int) -> None:
    """As a page that is repeated without end."""
    running.control.reset()
    bodies: list[bytes] = []

    def repeated(body: bytes) -> bytes:
        bodies.append(body)
        return bodies[min(after, len(bodies) - 1)]

    running.control.rewrite = repeated
    async with running.open(VirtualClock(flowing=True), retry={"attempts": 1}) as source:
        await attempt(running, pick(source, which))
    assert running.control.asked < 1000


@offering(RankingsSource)
async def test_a_ranking_that_has_lost_a_row_says_so(running: Running) -> None:
    """Of those that the upstream makes itself; where it sends events, we count, and drift tells what was lost."""
    async with running.open(VirtualClock(flowing=True)) as source:
        assert isinstance(source, RankingsSource)
        running.control.rewrite = without_its_second_row
        for name in source.overview_rankings:
            inquiry = inquire(running.adapter.kind, VirtualClock(flowing=True))
            (ranking,) = await questions(source)[f"ranking {name}"](inquiry)
            assert isinstance(ranking, Ranking)
            assert [name] == list(inquiry.missing)
            assert ranking.entries


def without_its_second_row(body: bytes) -> bytes:
    rows = json.loads(body)
    assert isinstance(rows, list)
    return json.dumps([*rows[:1], "lost", *rows[2:]]).encode()


def in_turn(mutations: Sequence[Mutation], body: bytes) -> bytes:
    for mutation in mutations:
        body = mutation(body)
    return body


def pick(source: Source, which: int, limit: int = LIMIT) -> Ask:
    asks = list(questions(source, limit).values())
    return asks[which % len(asks)]


async def attempt(running: Running, question: Ask) -> Sequence[Message] | None:
    """The answer, or None for a failure that says whose it is."""
    inquiry = inquire(running.adapter.kind, VirtualClock(flowing=True))
    try:
        return await question(inquiry)
    except SourceError:
        return None


def values(source: Source, answer: Sequence[Message]) -> Values:
    """Every number that an upstream told itself, by what it is about; those that we count are another matter."""
    found: Values = {}
    for message in answer:
        match message:
            case Metric() if message.HasField("value"):
                found[message.metric, *sorted(message.labels.items())] = message.value
            case TimeSeries():
                found |= points(message)
            case Ranking() if isinstance(source, RankingsSource) and message.ranking in source.overview_rankings:
                found |= measures(message)
    return found


def points(series: TimeSeries) -> Values:
    about = (series.metric, *sorted(series.labels.items()))
    return {(*about, point.start_time.seconds): point.value for point in series.points if point.HasField("value")}


def measures(ranking: Ranking) -> Values:
    """By subject; one that has lost its id is about nobody."""
    return {
        (ranking.ranking, getattr(entry, str(entry.WhichOneof("subject"))).id, measure.metric): measure.value
        for entry in ranking.entries
        if entry.WhichOneof("subject") is not None and getattr(entry, str(entry.WhichOneof("subject"))).HasField("id")
        for measure in entry.measures
        if measure.HasField("value")
    }
