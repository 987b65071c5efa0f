"""What tools and the gateway print is read as they mean it."""

from pathlib import Path

import pytest

from benchmarks.ledger import check, read_ledger
from benchmarks.load import Summary, Target, percentile, read_summary, read_times
from benchmarks.problems import BenchmarkError
from benchmarks.suite.kept_grpc import framed
from tests.benchmarks.samples import H2LOAD, H2LOAD_LOG, METRICS


def test_the_summary_of_h2load_is_read() -> None:
    assert Summary(rate=5006.26, succeeded=20_000, body_bytes=140_000) == read_summary(H2LOAD)


def test_something_else_is_not_taken_for_a_summary() -> None:
    with pytest.raises(BenchmarkError, match="Could not connect"):
        read_summary("Could not connect to host")


def test_only_requests_that_were_answered_well_have_a_time() -> None:
    assert [0.253, 4.556, 4.659] == read_times(H2LOAD_LOG)


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(value) for value in range(1, 201)]

    assert (100.0, 198.0) == (percentile(values, 50), percentile(values, 99))
    assert (7.0, 7.0) == (percentile([7.0], 50), percentile([7.0], 99))


def test_the_command_holds_what_the_target_says() -> None:
    rest = Target(url="http://127.0.0.1:1/v1", connections=16, is_http1=True)
    rpc = Target(url="http://127.0.0.1:2/s/m", connections=1, streams=8, headers=("te: trailers",), body=Path("b"))
    log = "--log-file=l"

    assert ("h2load", "--h1", "-c", "16", "-m", "1", "-n", "32", log, rest.url) == rest.command(32, Path("l"))
    assert ("h2load", "-c", "1", "-m", "8", "-n", "32", log, "-H", "te: trailers", "-d", "b", rpc.url) == rpc.command(
        32, Path("l")
    )
    assert (16, 8) == (rest.in_flight, rpc.in_flight)


def test_a_message_is_framed_as_grpc_has_it() -> None:
    assert b"\0\0\0\1\2" + b"x" * 258 == framed(b"x" * 258)


def test_calls_and_outcomes_are_read_from_the_metrics() -> None:
    assert {
        "ListMetrics grpc OK": 7,
        "ListMetrics rest UNAVAILABLE": 1,
        "crm metrics answered": 7,
    } == read_ledger(METRICS)


def test_a_call_that_failed_is_noticed_though_its_http_status_was_good() -> None:
    before = read_ledger(METRICS)
    three_more = METRICS.replace('transport="grpc"} 7.0', 'transport="grpc"} 10.0')
    one_failed = three_more.replace('transport="rest"} 1.0', 'transport="rest"} 2.0')

    check(before, read_ledger(three_more), {"ListMetrics grpc OK": 3})
    with pytest.raises(BenchmarkError, match="'ListMetrics rest UNAVAILABLE': 1"):
        check(before, read_ledger(one_failed), {"ListMetrics grpc OK": 3})
    with pytest.raises(BenchmarkError, match=r"should have counted \{'ListMetrics grpc OK': 4\}"):
        check(before, read_ledger(three_more), {"ListMetrics grpc OK": 4})
