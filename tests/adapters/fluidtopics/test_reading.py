"""From answers of `event-counts` to tallies: pure logic, without a portal."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from adapters.drift import DriftLog
from adapters.fluidtopics import wire
from adapters.fluidtopics.counts.reading import read_tally
from adapters.fluidtopics.counts.tally import Tally
from adapters.query import Period, Window
from tests.adapters.fluidtopics.portal import at

WINDOW = Window(start=at("2026-03-12"), end=at("2026-03-19"))
# Two of them are outside of the window.
DAYS = [(at("2026-03-11") + timedelta(days=number)).date().isoformat() for number in range(9)]
NAMES = ["khub.search", "user.login", "never.happened"]
ROWS = st.lists(
    st.tuples(st.sampled_from(NAMES[:2]), st.lists(st.tuples(st.sampled_from(DAYS), st.none() | st.integers(0, 9)))),
    max_size=3,
)


def read(rows: list[tuple[str, list[tuple[str, int | None]]]], time: str = "") -> Tally:
    results = [
        wire.NameCount(
            name=name,
            periods=[wire.PeriodCount(period_start_date=day + time, event_count=count) for day, count in told],
        )
        for name, told in rows
    ]
    answer = wire.CountsAnswer(start_date=None, end_date=None, results=results)
    tally = read_tally(answer, WINDOW, Period.DAY, DriftLog())
    assert tally is not None
    return tally


@given(ROWS)
def test_days_may_have_a_time_which_changes_nothing(rows: list[tuple[str, list[tuple[str, int | None]]]]) -> None:
    plain, timed = read(rows), read(rows, "T00:00:00Z")
    assert plain.spans == timed.spans
    assert plain.counts == timed.counts
    for tally in (plain, timed):
        for name in NAMES:
            told = tally.of(name, tally.spans)
            assert tally.total(name) == (None if None in told else sum(count or 0 for count in told))


@given(ROWS)
def test_each_day_has_what_its_rows_agree_on(rows: list[tuple[str, list[tuple[str, int | None]]]]) -> None:
    tally = read(rows)
    assert list(tally.spans) == DAYS[1:-1]
    for name in NAMES:
        for day, count in zip(tally.spans, tally.of(name, tally.spans), strict=True):
            said = {n for told_name, told in rows if told_name == name for told_day, n in told if told_day == day}
            assert count == (0 if not said else said.pop() if len(said) == 1 else None)
