"""Metrics, series and counts, met over HTTP."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, timedelta

import pytest

from adapters.errors import (
    QuestionNotSupportedError,
    UpstreamFailedError,
    UpstreamTimeoutError,
)
from adapters.query import MetricsQuestion, Period, Window
from adapters.simulation import Fault
from tests.adapters.fluidtopics.counted import METRICS, MONTH, counts, metrics, result, series, values
from tests.adapters.fluidtopics.portal import TODAY, WEEK, Portal, between, portal, slow_portal
from tests.clock import START, VirtualClock
from tests.running import Running
from unified.analytics.v1.event_pb2 import Event


def by_period(events: Sequence[Event], period: Period, name: str) -> Counter[str]:
    starts = (period.floor(event.event_time.ToDatetime(UTC)) for event in events if event.name == name)
    return Counter(start.date().isoformat() for start in starts)


async def test_the_metric_is_told_per_event_name_and_is_what_a_walk_counts(docs: Portal) -> None:
    expected = Counter(event.name for event in await docs.walk())
    docs.control.requests.clear()
    assert expected == await metrics(docs)
    assert ["event-counts"] == docs.paths()


async def test_its_rows_say_for_which_window_they_are_and_come_sorted(docs: Portal) -> None:
    rows = await docs.source.metrics(MetricsQuestion(window=WEEK, metrics=METRICS), docs.inquiry)
    assert sorted(row.labels["event_name"] for row in rows) == [row.labels["event_name"] for row in rows]
    assert {(WEEK.start, WEEK.end)} == {(row.start_time.ToDatetime(UTC), row.end_time.ToDatetime(UTC)) for row in rows}
    assert {("fluidtopics.events", "fluidtopics")} == {(row.metric, row.source) for row in rows}


@pytest.mark.parametrize("period", list(Period))
async def test_a_series_is_what_a_walk_counts_period_by_period(docs: Portal, period: Period) -> None:
    events = await docs.walk(MONTH)
    for name, told in (await series(docs, MONTH, period)).items():
        expected = by_period(events, period, name)
        assert [expected[period.floor(span.start).date().isoformat()] for span, _ in period.split(MONTH)] == values(
            told
        )
        assert [is_cut for _, is_cut in period.split(MONTH)] == [point.cut for point in told.points]


@pytest.mark.parametrize(
    ("period", "window", "asked"),
    [
        (Period.DAY, between("2026-02-01", "2026-03-01"), "day"),
        (Period.WEEK, between("2026-02-02", "2026-03-02"), "week"),
        (Period.WEEK, between("2026-02-03", "2026-03-02"), "day"),
        (Period.MONTH, between("2026-01-01", "2026-03-01"), "month"),
        (Period.MONTH, between("2026-01-01", "2026-03-02"), "day"),
    ],
)
async def test_whole_periods_are_asked_as_such_and_cut_ones_by_days(
    docs: Portal, period: Period, window: Window, asked: str
) -> None:
    told = await series(docs, window, period)
    assert asked == docs.asked()["groupByPeriod"]
    by_day = await series(docs, window)
    assert {name: sum(filter(None, values(days))) for name, days in by_day.items()} == {
        name: sum(filter(None, values(periods))) for name, periods in told.items()
    }


async def test_the_metric_is_asked_by_the_longest_periods_that_fit(docs: Portal) -> None:
    expected = Counter(event.name for event in await docs.walk(between("2026-01-01", "2026-03-01")))
    assert expected == await metrics(docs, between("2026-01-01", "2026-03-01"))
    assert "month" == docs.asked()["groupByPeriod"]


async def test_weeks_that_do_not_begin_on_monday_upstream_are_added_up_here(docs: Portal) -> None:
    window = between("2026-03-02", "2026-03-16")
    expected = await series(docs, window, Period.WEEK)

    def sundays(body: bytes) -> bytes:
        return body.replace(b'"2026-03-02"', b'"2026-03-01"').replace(b'"2026-03-09"', b'"2026-03-08"')

    docs.control.rewrite = lambda body: sundays(body) if docs.asked()["groupByPeriod"] == "week" else body
    assert expected == await series(docs, window, Period.WEEK)
    assert ["week", "day"] == [docs.asked(back)["groupByPeriod"] for back in (2, 1)]


async def test_a_window_that_cuts_days_counts_only_what_lies_within(docs: Portal) -> None:
    window = between("2026-03-10T09:30:00.250", "2026-03-13T15:45")
    events = await docs.walk(window)
    assert Counter(event.name for event in events) == await metrics(docs, window)
    told = await series(docs, window)
    for name, days in told.items():
        expected = by_period(events, Period.DAY, name)
        assert [expected[f"2026-03-{day}"] for day in (10, 11, 12, 13)] == values(days)
        assert [True, False, False, True] == [point.cut for point in days.points]
    assert (window.start, window.end) == (
        told["khub.search"].points[0].start_time.ToDatetime(UTC),
        told["khub.search"].points[-1].end_time.ToDatetime(UTC),
    )


async def test_an_end_that_has_not_come_cuts_nothing_that_must_be_read(docs: Portal) -> None:
    await metrics(docs, Window(start=TODAY, end=START))
    await metrics(docs, Window(start=TODAY, end=START + timedelta(hours=3)))
    assert ["event-counts", "event-counts"] == docs.paths()


async def test_a_cut_day_with_too_many_events_is_not_counted_wrongly(running: Running) -> None:
    async with running.open(per_page=3, scan_pages=2) as source:
        with pytest.raises(QuestionNotSupportedError, match=r"2026-03-11, .* midnights in UTC"):
            await metrics(portal(source, running.control), between("2026-03-11T01:00", "2026-03-12"))


async def test_a_cut_day_for_which_the_time_is_too_short_is_no_question_of_another_window(running: Running) -> None:
    clock = VirtualClock()
    async with running.open(clock, per_page=3, prefetch_pages=0) as source:
        docs = slow_portal(source, running.control, clock, answers=2.5)
        with pytest.raises(UpstreamTimeoutError, match="too short"):
            await metrics(docs, between("2026-03-11T01:00", "2026-03-12"))


async def test_names_asked_for_are_passed_on_and_told_even_where_nothing_happened(docs: Portal) -> None:
    told = await series(docs, WEEK, names=("khub.search", "never.happened"))
    assert {"name": ["khub.search", "never.happened"]} == docs.asked()["filters"]
    assert ["khub.search", "never.happened"] == list(told)
    assert [0] * 7 == values(told["never.happened"])
    assert sum(filter(None, values(told["khub.search"]))) > 0


async def test_days_that_have_not_begun_have_no_value(docs: Portal) -> None:
    told = await series(docs, Window(start=TODAY, end=TODAY + timedelta(days=3)), names=("khub.search",))
    today, tomorrow, next_day = values(told["khub.search"])
    assert today is not None
    assert tomorrow is next_day is None


async def test_the_rest_of_today_has_no_value_either(docs: Portal) -> None:
    window = Window(start=START + timedelta(hours=3), end=TODAY + timedelta(days=2))
    told = await series(docs, window, names=("khub.search",))
    assert [None, None] == values(told["khub.search"])


async def test_events_without_a_name_in_a_cut_day_may_be_of_any(docs: Portal) -> None:
    docs.plays({"name": None}, {"id": "e2"})
    told = await series(docs, between("2026-03-11T06:00", "2026-03-12"), names=("khub.search", "user.login"))
    assert [1] == values(told["khub.search"])
    assert [None] == values(told["user.login"])


async def test_a_day_that_is_left_out_is_zero_and_one_without_a_number_is_not(docs: Portal) -> None:
    docs.answers(counts(result(d2026_03_13=4, d2026_03_14=None)))
    told = await series(docs, WEEK)
    assert [0, 4, None, 0, 0, 0, 0] == values(told["khub.search"])
    assert {"khub.search": None} == await metrics(docs)
    assert await docs.count() is None
    assert [] == docs.drift()


async def test_when_one_of_the_questions_fails_its_error_is_the_answer(running: Running) -> None:
    running.control.faults.append(Fault(path="*/event-counts", status=500))
    async with running.open(VirtualClock(flowing=True)) as source:
        with pytest.raises(UpstreamFailedError):
            await metrics(portal(source, running.control), between("2026-03-10T09:30", "2026-03-13T15:45"))


async def test_whole_days_are_counted_by_the_counts(docs: Portal) -> None:
    events = await docs.walk()
    docs.control.requests.clear()
    assert len(events) == await docs.count()
    assert sum(event.name == "khub.search" for event in events) == await docs.count(names=("khub.search",))
    assert ["event-counts", "event-counts"] == docs.paths()


async def test_what_the_counts_cannot_tell_is_the_total_of_a_page_of_one(docs: Portal) -> None:
    cut = between("2026-03-10T09:30", "2026-03-13T15:45")
    in_cut, by_user = len(await docs.walk(cut)), len(await docs.walk(user_groups=("Support",)))
    assert by_user > 0
    docs.control.requests.clear()
    assert (in_cut, by_user) == (await docs.count(cut), await docs.count(user_groups=("Support",)))
    assert ["events", "events"] == docs.paths()
    assert {"page": 1, "perPage": 1} == docs.asked()["paging"]


async def test_the_descriptor_is_of_the_one_metric(docs: Portal) -> None:
    (descriptor,) = docs.source.metric_descriptors
    assert METRICS == {descriptor.metric} == docs.source.series_metrics
    assert ["event_name"] == list(descriptor.label_names)
