"""What every source owes to those who ask it, whatever upstream is behind it."""

import json
from collections.abc import Sequence
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message

from adapters.errors import BeyondHorizonError
from adapters.inquiry import Inquiry
from adapters.ports import AccountsSource, EventsSource, MetricsSource, RankingsSource, SeriesSource, Source
from adapters.query import AccountQuestion, MetricsQuestion, Period, RankingQuestion, SeriesQuestion, Window
from tests.adapters.conformance.offering import offering
from tests.adapters.conformance.questions import LIMIT, WINDOW, questions
from tests.clock import START, VirtualClock
from tests.running import Running, inquire
from unified.analytics.v1.metric_pb2 import METRIC_KIND_DELTA, Metric, MetricDescriptor
from unified.analytics.v1.ranking_pb2 import Ranking
from unified.analytics.v1.time_series_pb2 import TimeSeries

GOLDEN = Path(__file__).parent / "golden"


def ask(running: Running) -> Inquiry:
    return inquire(running.adapter.kind, VirtualClock(flowing=True))


def descriptors(source: Source) -> dict[str, MetricDescriptor]:
    assert isinstance(source, MetricsSource)
    return {descriptor.metric: descriptor for descriptor in source.metric_descriptors}


async def test_it_offers_something_and_says_who_it_is(running: Running) -> None:
    async with running.open() as source:
        assert running.adapter.kind == source.id
        assert isinstance(source, MetricsSource | SeriesSource | RankingsSource | EventsSource | AccountsSource)


async def test_opening_it_asks_nothing(running: Running) -> None:
    async with running.open():
        pass
    assert 0 == running.control.asked


async def test_its_answers_are_golden(running: Running, request: pytest.FixtureRequest) -> None:
    """The same world gives the same answers; `--write-golden` writes them anew, and git shows what has changed."""
    async with running.open(VirtualClock(flowing=True)) as source:
        told = {name: shown(await question(ask(running))) for name, question in questions(source).items()}
    path = GOLDEN / f"{running.adapter.kind}.json"
    if request.config.getoption("write_golden"):
        path.write_text(json.dumps(told, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")
    assert json.loads(path.read_text("utf-8")) == told


def shown(answer: Sequence[Message]) -> list[dict[str, object]]:
    """The first few messages as JSON."""
    return [MessageToDict(message) for message in answer[:LIMIT]]


async def test_every_question_counts_its_attempts_and_notes_the_observation(running: Running) -> None:
    async with running.open(VirtualClock(flowing=True)) as source:
        for name, question in questions(source).items():
            inquiry = ask(running)
            asked = running.control.asked
            await question(inquiry)
            assert (running.control.asked - asked, START) == (inquiry.attempts, inquiry.observe_time), name
            assert ([], {}) == (list(inquiry.drift), inquiry.missing), name


@offering(MetricsSource)
async def test_each_metric_is_described_and_told_as_described(running: Running) -> None:
    async with running.open() as source:
        assert isinstance(source, MetricsSource)
        described = descriptors(source)
        rows = await questions(source)["metrics"](ask(running))
    assert len(described) == len(source.metric_descriptors)
    told = [row for row in rows if isinstance(row, Metric)]
    assert described.keys() == {row.metric for row in told}
    assert len(told) == len({(row.metric, *sorted(row.labels.items())) for row in told})
    for row in told:
        check_metric(row, described[row.metric], running.adapter.kind)


@offering(MetricsSource)
async def test_the_rows_of_a_metric_come_in_the_order_of_their_labels(running: Running) -> None:
    async with running.open() as source:
        rows = [row for row in await questions(source)["metrics"](ask(running)) if isinstance(row, Metric)]
    check_order(rows)


@offering(SeriesSource)
async def test_the_series_of_a_metric_come_in_the_order_of_their_labels(running: Running) -> None:
    async with running.open() as source:
        rows = [row for row in await questions(source)["series by day"](ask(running)) if isinstance(row, TimeSeries)]
    check_order(rows)


def check_order(rows: Sequence[Metric | TimeSeries]) -> None:
    """Rows of several metrics may stand in any order."""
    for metric in {row.metric for row in rows}:
        labels = [sorted(row.labels.items()) for row in rows if row.metric == metric]
        assert sorted(labels) == labels, metric


def check_metric(row: Metric, descriptor: MetricDescriptor, source: str) -> None:
    assert source == row.source
    assert set(descriptor.label_names) == set(row.labels)
    is_delta = descriptor.value_kind == METRIC_KIND_DELTA
    assert (is_delta, is_delta, not is_delta) == tuple(
        row.HasField(field) for field in ("start_time", "end_time", "observe_time")
    )
    if is_delta:
        assert (WINDOW.start, WINDOW.end) == (row.start_time.ToDatetime(UTC), row.end_time.ToDatetime(UTC))


@offering(MetricsSource)
async def test_each_descriptor_is_complete(running: Running) -> None:
    async with running.open() as source:
        assert isinstance(source, MetricsSource)
        for descriptor in descriptors(source).values():
            for field in ("metric", "display_name", "description", "unit", "scope", "value_kind", "upstream_field"):
                assert getattr(descriptor, field), (descriptor.metric, field)
            assert descriptor.metric.startswith(f"{running.adapter.kind}.")
            assert [] == list(descriptor.sources)
            has_series = isinstance(source, SeriesSource) and descriptor.metric in source.series_metrics
            assert has_series == descriptor.has_time_series, descriptor.metric


@offering(MetricsSource)
async def test_only_the_metrics_asked_for_are_told(running: Running) -> None:
    async with running.open() as source:
        assert isinstance(source, MetricsSource)
        for metric in descriptors(source):
            rows = await source.metrics(MetricsQuestion(window=WINDOW, metrics=frozenset({metric})), ask(running))
            assert {metric} == {row.metric for row in rows}


@offering(SeriesSource)
async def test_only_the_series_asked_for_are_told(running: Running) -> None:
    async with running.open() as source:
        assert isinstance(source, SeriesSource)
        for metric in source.series_metrics:
            told = await source.series(SeriesQuestion(window=WINDOW, metrics=frozenset({metric})), ask(running))
            assert {metric} == {series.metric for series in told}


@offering(SeriesSource)
@pytest.mark.parametrize("period", Period)
async def test_a_series_has_one_point_per_period_without_gaps(running: Running, period: Period) -> None:
    async with running.open() as source:
        assert isinstance(source, SeriesSource)
        answer = await questions(source)[f"series by {period.name.lower()}"](ask(running))
    assert source.series_metrics == {series.metric for series in answer if isinstance(series, TimeSeries)}
    for series in answer:
        assert isinstance(series, TimeSeries)
        assert (running.adapter.kind, period.value) == (series.source, series.period)
        spans = [
            (Window(start=point.start_time.ToDatetime(UTC), end=point.end_time.ToDatetime(UTC)), point.cut)
            for point in series.points
        ]
        assert list(period.split(WINDOW)) == spans
        assert all(point.HasField("value") for point in series.points)


@offering(SeriesSource)
async def test_weeks_and_months_add_up_to_the_days(running: Running) -> None:
    async with running.open() as source:
        assert isinstance(source, SeriesSource)
        sums = []
        for period in Period:
            answer = await questions(source)[f"series by {period.name.lower()}"](ask(running))
            totals = {}
            for series in answer:
                assert isinstance(series, TimeSeries)
                totals[series.metric, *sorted(series.labels.items())] = sum(point.value for point in series.points)
            sums.append(totals)
    assert sums[0] == sums[1] == sums[2]
    assert sum(sums[0].values()) > 0


@offering(RankingsSource)
async def test_a_ranking_is_what_was_asked_for_in_its_own_order(running: Running) -> None:
    async with running.open() as source:
        assert isinstance(source, RankingsSource)
        assert source.overview_rankings <= source.rankings
        for name in source.rankings:
            (ranking,) = await questions(source)[f"ranking {name}"](ask(running))
            assert isinstance(ranking, Ranking)
            check_ranking(ranking, name, running.adapter.kind, descriptors(source))


@offering(RankingsSource)
async def test_a_shorter_ranking_is_the_beginning_of_a_longer_one(running: Running) -> None:
    async with running.open() as source:
        assert isinstance(source, RankingsSource)
        for name in source.rankings:
            (longer,) = await questions(source)[f"ranking {name}"](ask(running))
            assert isinstance(longer, Ranking)
            shorter = await source.ranking(RankingQuestion(ranking=name, window=WINDOW, limit=1), ask(running))
            assert list(longer.entries[:1]) == list(shorter.entries)


def check_ranking(ranking: Ranking, name: str, source: str, described: dict[str, MetricDescriptor]) -> None:
    assert (name, source) == (ranking.ranking, ranking.source)
    assert (WINDOW.start, WINDOW.end) == (ranking.start_time.ToDatetime(UTC), ranking.end_time.ToDatetime(UTC))
    assert list(range(1, LIMIT + 1)) == [entry.rank for entry in ranking.entries]
    assert 1 == len({entry.WhichOneof("subject") for entry in ranking.entries})
    for entry in ranking.entries:
        assert ranking.ranked_by == entry.measures[0].metric
        assert described.keys() >= {measure.metric for measure in entry.measures}
    counts = [entry.measures[0].value for entry in ranking.entries]
    assert sorted(counts, reverse=True) == counts
    assert counts[-1] > 0


@offering(AccountsSource)
async def test_of_an_account_only_the_fields_asked_for_are_told(running: Running) -> None:
    always = {"source", "observe_time", "unset_fields"}
    async with running.open() as source:
        assert isinstance(source, AccountsSource)
        whole = await source.account(AccountQuestion(), ask(running))
        for field in {field.name for field, _value in whole.ListFields()} - always:
            account = await source.account(AccountQuestion(paths=frozenset({field})), ask(running))
            assert {field} == {told.name for told, _value in account.ListFields()} - always
            assert getattr(whole, field) == getattr(account, field)


@offering(SeriesSource)
async def test_a_window_that_nothing_is_kept_of_is_an_answer_or_an_error_of_its_own(running: Running) -> None:
    """A source that keeps no history may answer; one that does says how far back it can be asked."""
    old = Window(start=START - timedelta(days=2000), end=START - timedelta(days=1990))
    async with running.open() as source:
        assert isinstance(source, SeriesSource)
        with pytest.raises(BeyondHorizonError):
            await source.series(SeriesQuestion(window=old, metrics=source.series_metrics), ask(running))
    assert 0 == running.control.asked
