"""Our counters, gauges and histograms say what those of prometheus_client would."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics

from gateway.pipeline.telemetry.numbers import Counters, Gauges, Histograms

BOUNDS = (0.1, 1, 2.5)


def lines(registry: CollectorRegistry, write: Callable[[CollectorRegistry], bytes] = generate_latest) -> list[str]:
    """What is written, without when each series began, which ours do not tell."""
    return [line for line in write(registry).decode().splitlines() if "_created" not in line]


@pytest.mark.parametrize("write", [generate_latest, generate_openmetrics], ids=["text", "openmetrics"])
def test_all_kinds_are_written_as_the_librarys_own(write: Callable[[CollectorRegistry], bytes]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    Counters("calls", "Calls", ("code",), ours).of("OK").add(3)
    Counter("calls", "Calls", ("code",), registry=theirs).labels("OK").inc(3)
    Gauges("entries", "Entries", (), ours).of().value = 2.5
    Gauge("entries", "Entries", registry=theirs).set(2.5)
    mine = Histograms("wait_seconds", "Waits", ("limit",), ours, bounds=BOUNDS).of("rate")
    other = Histogram("wait_seconds", "Waits", ("limit",), registry=theirs, buckets=BOUNDS).labels("rate")
    for value in (0.05, 0.5, 99):
        mine.observe(value)
        other.observe(value)

    assert lines(theirs, write) == lines(ours, write)


@given(st.lists(st.one_of(st.sampled_from(BOUNDS), st.floats(0, 5))))
def test_a_histogram_cuts_where_the_librarys_does(values: list[float]) -> None:
    ours, theirs = CollectorRegistry(), CollectorRegistry()
    mine = Histograms("wait", "Waits", (), ours, bounds=BOUNDS).of()
    other = Histogram("wait", "Waits", registry=theirs, buckets=BOUNDS)
    for value in values:
        mine.observe(value)
        other.observe(value)

    assert lines(theirs) == lines(ours)


def test_a_metric_of_which_nothing_was_counted_has_no_series() -> None:
    registry = CollectorRegistry()
    Counters("calls", "Calls", ("code",), registry)

    assert ["# HELP calls_total Calls", "# TYPE calls_total counter"] == lines(registry)


def test_the_same_labels_are_the_same_series() -> None:
    family = Counters("calls", "Calls", ("method", "code"), CollectorRegistry())

    assert family.of("A", "OK") is family.of("A", "OK")
    assert family.of("A", "OK") is not family.of("OK", "A")


def test_a_number_counts_who_is_within_also_when_they_leave_by_an_error() -> None:
    number = Gauges("under_way", "Under way", (), CollectorRegistry()).of()
    seen = []

    def fail() -> None:
        with number:
            seen.append(number.value)
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert [1] == seen
    assert 0 == number.value


def test_two_metrics_of_one_name_are_refused() -> None:
    registry = CollectorRegistry()
    Counters("calls", "Calls", (), registry)

    with pytest.raises(ValueError, match="calls"):
        Gauges("calls", "Calls", (), registry)
