"""A Zylon source, from the question to the answer, over HTTP."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from adapters.errors import (
    BeyondHorizonError,
    PermissionRefusedError,
)
from adapters.query import MetricsQuestion, Period, RankingQuestion, SeriesQuestion, Window
from adapters.simulation import Fault
from adapters.zylon.client import ZylonSource
from tests.adapters.zylon.asking import (
    ALL_SERIES,
    PATH,
    TODAY,
    WEEK,
    answer_with,
    ask,
    interactions,
    queries,
    ranked,
    totals,
)
from tests.clock import START
from tests.running import Running


async def test_totals_are_the_sums_of_all_series(source: ZylonSource) -> None:
    year = Window(start=TODAY - timedelta(days=365), end=TODAY + timedelta(days=1))
    question = SeriesQuestion(window=year, metrics=ALL_SERIES)
    sums = {
        series.metric: sum(point.value for point in series.points) for series in await source.series(question, ask())
    }
    assert sums == await totals(source, *ALL_SERIES)
    assert all(total > 1000 for total in sums.values())


async def test_only_the_metrics_asked_for_are_told_with_the_moment_of_observation(source: ZylonSource) -> None:
    (metric,) = await source.metrics(MetricsQuestion(window=WEEK, metrics=frozenset({"zylon.projects"})), ask())
    assert ("zylon.projects", "zylon", 40) == (metric.metric, metric.source, metric.value)
    assert START == metric.observe_time.ToDatetime(UTC)
    assert not metric.HasField("start_time")


async def test_series_are_asked_all_at_once(zylon: Running, source: ZylonSource) -> None:
    zylon.control.faults.append(Fault(mode="hang"))
    asking = asyncio.create_task(source.series(SeriesQuestion(window=WEEK, metrics=ALL_SERIES), ask()))
    await zylon.control.until(lambda control: control.asked == 4)
    asking.cancel()
    await zylon.control.until(lambda control: control.closed_early == 4)


async def test_a_series_that_fails_costs_only_itself(zylon: Running, source: ZylonSource) -> None:
    zylon.control.faults.append(Fault(path="*/timeseries", times=1, status=403))
    inquiry = ask()
    series = await source.series(SeriesQuestion(window=WEEK, metrics=ALL_SERIES), inquiry)
    (missing,) = inquiry.missing
    assert ALL_SERIES - {missing} == {one.metric for one in series}
    assert isinstance(inquiry.missing[missing], PermissionRefusedError)


async def test_if_every_series_fails_the_question_fails(zylon: Running, source: ZylonSource) -> None:
    zylon.control.faults.append(Fault(status=403))
    inquiry = ask()
    with pytest.raises(PermissionRefusedError):
        await source.series(SeriesQuestion(window=WEEK, metrics=ALL_SERIES), inquiry)
    assert {} == inquiry.missing


async def test_weeks_are_sums_of_days(source: ZylonSource) -> None:
    window = Window(start=datetime(2026, 3, 2, tzinfo=UTC), end=datetime(2026, 3, 16, tzinfo=UTC))
    days = await interactions(source, window)
    told = [day for day in days if day is not None]
    assert [sum(told[:7]), sum(told[7:])] == await interactions(source, window, Period.WEEK)


async def test_the_parts_of_a_day_add_up_to_the_day(source: ZylonSource) -> None:
    noon = TODAY - timedelta(hours=11)
    parts = [Window(start=TODAY - timedelta(days=1), end=noon), Window(start=noon, end=TODAY)]
    counts = [(await interactions(source, part))[0] or 0 for part in parts]
    assert all(counts)
    assert [sum(counts)] == await interactions(source, Window(start=parts[0].start, end=parts[1].end))


async def test_a_ranking_has_the_most_active_first_and_no_more_than_asked_for(source: ZylonSource) -> None:
    ranking = await ranked(source, limit=7)
    counts = [entry.measures[0].value for entry in ranking.entries]
    assert list(range(1, 8)) == [entry.rank for entry in ranking.entries]
    assert sorted(counts, reverse=True) == counts
    assert ("zylon.interactions", "zylon.agent_flows") == tuple(one.metric for one in ranking.entries[0].measures)
    assert ranking.ranked_by == ranking.entries[0].measures[0].metric
    assert not ranking.truncated


async def test_users_are_ranked_within_the_window_that_the_ranking_tells(source: ZylonSource) -> None:
    ranking = await ranked(source, limit=100)
    assert (WEEK.start, WEEK.end) == (ranking.start_time.ToDatetime(UTC), ranking.end_time.ToDatetime(UTC))
    everybody = await source.ranking(RankingQuestion(ranking="active-users", window=WEEK, limit=1000), ask())
    week = sum(count or 0 for count in await interactions(source))
    assert week == sum(entry.measures[0].value for entry in everybody.entries)


async def test_more_rows_than_asked_for_are_cut(zylon: Running, source: ZylonSource) -> None:
    rows = [{"user": None, "interactions_created": count, "agent_flows_created": 0} for count in range(20)]
    answer_with(zylon, rows)
    assert [19, 18, 17] == [entry.measures[0].value for entry in (await ranked(source, limit=3)).entries]


async def test_check_proves_the_right_to_analytics(zylon: Running, source: ZylonSource) -> None:
    await source.check(ask())
    zylon.control.faults.append(Fault(path=f"{PATH}/*", status=403))
    with pytest.raises(PermissionRefusedError):
        await source.check(ask())


async def test_a_credential_that_is_refused_is_said_to_be(zylon: Running) -> None:
    async with zylon.open(org="elsewhere", time_unit="seconds") as source:
        with pytest.raises(PermissionRefusedError):
            await source.check(ask())


# The horizon.


async def test_a_window_before_all_that_is_kept_is_refused_without_asking(zylon: Running, source: ZylonSource) -> None:
    old = Window(start=TODAY - timedelta(days=400), end=TODAY - timedelta(days=365))
    with pytest.raises(BeyondHorizonError, match="2025-03-18"):
        await interactions(source, old)
    assert 0 == zylon.control.asked


async def test_a_window_partly_before_it_has_points_without_values(zylon: Running, source: ZylonSource) -> None:
    window = Window(start=TODAY - timedelta(days=367), end=TODAY - timedelta(days=363))
    assert [None, None, 0, 0] == await interactions(source, window)
    kept = str(int((TODAY - timedelta(days=365)).timestamp()))
    assert [kept] == [query["start_date"] for query in queries(zylon, "/timeseries")]


async def test_the_last_days_of_the_calendar_have_no_values(source: ZylonSource) -> None:
    last = Window(start=datetime(9999, 12, 30, tzinfo=UTC), end=datetime(9999, 12, 31, 18, tzinfo=UTC))
    assert [None, None] == await interactions(source, last)
    assert [None] == await interactions(source, last, Period.MONTH)


async def test_a_ranking_partly_before_it_would_count_too_little_and_is_refused(source: ZylonSource) -> None:
    window = Window(start=TODAY - timedelta(days=366), end=TODAY)
    with pytest.raises(BeyondHorizonError):
        await source.ranking(RankingQuestion(ranking="active-users", window=window, limit=1), ask())
