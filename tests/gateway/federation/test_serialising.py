"""Observations that one replica writes and another reads."""

import zlib
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.drift import DriftKind, DriftLog
from adapters.errors import RateLimitedError, SourceError, UnreachableError
from adapters.query import (
    AccountQuestion,
    CountQuestion,
    EventsQuestion,
    MetricsQuestion,
    Period,
    RankingQuestion,
    SeriesQuestion,
    Window,
)
from adapters.transport.network import NotConnectableError
from gateway.federation.asks import Ask, Question
from gateway.federation.observation import Item, Observation
from gateway.federation.serialising import dump, load
from tests.clock import START
from tests.fakes import FakeSource, opened
from unified.analytics.v1.account_pb2 import Account
from unified.analytics.v1.event_pb2 import EventCount
from unified.analytics.v1.metric_pb2 import Metric
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries

SOURCES = opened(FakeSource("docs"), FakeSource("crm"))
DOCS = SOURCES["docs"]
WINDOW = Window(start=START - timedelta(days=30), end=START)
METRICS = MetricsQuestion(window=WINDOW, metrics=frozenset({"docs.events"}))

ANSWERS: list[tuple[Question, Item]] = [
    (METRICS, Metric(metric="docs.events", source="docs", value=12.5)),
    (
        SeriesQuestion(window=WINDOW, metrics=frozenset({"docs.events"}), period=Period.WEEK),
        TimeSeries(metric="docs.events"),
    ),
    (RankingQuestion(ranking="active-users", window=WINDOW, limit=5), Ranking(ranking="active-users", source="docs")),
    (AccountQuestion(), Account(source="docs")),
    (CountQuestion(window=WINDOW), EventCount(source="docs", count=2**60)),
]


def seen(question: Question = METRICS, *items: Item, missing: dict[str, SourceError] | None = None) -> Observation:
    drift = DriftLog()
    drift.note("results[].user", DriftKind.UNKNOWN, 3)
    drift.note("total", DriftKind.MISSING)
    return Observation(
        ask=Ask(source=DOCS, question=question),
        items=items,
        observe_time=START + timedelta(microseconds=1),
        attempts=2,
        latency=timedelta(seconds=1.234567),
        drift=drift,
        missing=missing or {},
    )


def written(observation: Observation) -> bytes:
    data = dump(observation)
    assert data is not None
    return data


def read(observation: Observation) -> Observation:
    found = load(observation.ask, written(observation))
    assert found is not None
    return found


@pytest.mark.parametrize(("question", "item"), ANSWERS)
def test_what_was_written_is_read(question: Question, item: Item) -> None:
    before = seen(question, item, item)

    after = read(before)

    assert (after.ask, after.items, after.observe_time) == (before.ask, [item, item], before.observe_time)
    assert (after.attempts, after.latency, after.error) == (2, before.latency, None)
    assert list(after.drift) == list(before.drift)


def test_what_is_missing_keeps_its_reason_its_text_and_its_wait() -> None:
    limited = RateLimitedError("Asked too often.", retry_after=timedelta(seconds=1.5))

    after = read(seen(missing={"docs.events": limited, "docs.users": NotConnectableError("A certificate is over.")}))

    found = after.missing["docs.events"]
    assert (type(found), str(found), found.retry_after) == (RateLimitedError, str(limited), limited.retry_after)
    # What is known of the connection only the replica knew that had it.
    found = after.missing["docs.users"]
    assert (type(found), str(found), found.retry_after) == (UnreachableError, "A certificate is over.", None)


class ForeignError(SourceError):
    """With a reason of its own."""

    reason = "MOSS_ON_THE_DISK"


def test_what_others_could_not_use_is_not_written() -> None:
    good = seen(METRICS, Metric(metric="docs.events"))
    assert dump(good) is not None

    assert dump(seen(EventsQuestion(window=WINDOW))) is None
    assert dump(seen(METRICS, EventCount(source="docs"))) is None
    assert dump(seen(missing={"docs.events": ForeignError("Mossy.")})) is None
    assert dump(good.in_place_of(UnreachableError("No connection."))) is None
    failed = Observation(ask=good.ask, error=UnreachableError("No connection."), observe_time=START)
    assert dump(failed) is None
    assert dump(Observation(ask=good.ask)) is None


def test_the_answer_to_another_question_or_of_another_source_is_not_read() -> None:
    data = written(seen(METRICS, Metric(metric="docs.events")))

    assert load(Ask(source=SOURCES["crm"], question=METRICS), data) is None
    assert load(Ask(source=DOCS, question=EventsQuestion(window=WINDOW)), data) is None


def forged(data: bytes, place: int, value: object) -> bytes:
    """With one field replaced, and a checksum that says that nothing was."""
    fields = msgspec.msgpack.decode(data[4:])
    fields[place] = value
    body = msgspec.msgpack.encode(fields)
    return zlib.crc32(body).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, 2),
        (0, "1"),
        (2, [b"\xff\xff"]),
        (2, "items"),
        (3, 2**63 - 1),
        (3, None),
        (4, -1),
        (5, -1),
        (6, [["field", 99, 1]]),
        (6, [["field", 1, -1]]),
        (7, [["docs.events", "NO_SUCH_REASON", "text", None]]),
        (7, [["docs.events"]]),
    ],
)
def test_what_no_replica_of_this_version_writes_is_not_read(place: int, value: object) -> None:
    good = seen(METRICS, Metric(metric="docs.events"))

    assert load(good.ask, forged(written(good), place, value)) is None


@given(st.data())
def test_what_was_damaged_on_its_way_is_not_read(data: st.DataObject) -> None:
    good = seen(METRICS, Metric(metric="docs.events", value=5), missing={"docs.users": RateLimitedError("Too often.")})
    whole = written(good)
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:place] + data.draw(st.binary(max_size=4)) + whole[place + data.draw(st.integers(0, 4)) :]

    assert damaged == whole or load(good.ask, damaged) is None


@given(st.data())
def test_no_bytes_do_harm_whatever_their_checksum(data: st.DataObject) -> None:
    good = seen(METRICS, Metric(metric="docs.events", value=5), missing={"docs.users": RateLimitedError("Too often.")})
    body = written(good)[4:]
    place = data.draw(st.integers(0, len(body) - 1))
    body = body[:place] + data.draw(st.binary(max_size=8)) + body[place + data.draw(st.integers(0, 8)) :]

    found = load(good.ask, zlib.crc32(body).to_bytes(4, "big") + body)

    assert found is None or all(isinstance(item, Metric) for item in found.items)
