"""What is counted of asking upstreams, and of keeping and sharing their answers."""

from collections.abc import Iterator

from prometheus_client import CollectorRegistry

from adapters.meter import Meter
from gateway.federation.meter import FederationMeter
from gateway.pipeline.telemetry.federation import FederationMetrics
from gateway.pipeline.telemetry.sources import SourceMetrics


def meters(registry: CollectorRegistry) -> tuple[Meter, FederationMeter]:
    """The two, as those who use them know them."""
    federation = FederationMetrics(registry)
    return SourceMetrics(registry, federation.begin), federation


def series(registry: CollectorRegistry) -> Iterator[tuple[str, tuple[str, ...], float]]:
    """Name, values of labels but the source's, and value of each series of `crm`, buckets aside."""
    for metric in registry.collect():
        for sample in metric.samples:
            if sample.labels.get("source") == "crm" and "le" not in sample.labels:
                name = sample.name.removeprefix("analytics_gateway_").removeprefix("source_")
                values = [value for label, value in sample.labels.items() if label != "source"]
                yield name, tuple(values), sample.value


def test_a_source_begins_with_all_its_series_at_nothing_and_a_closed_circuit() -> None:
    registry = CollectorRegistry()
    sources, _ = meters(registry)

    sources.of("crm")

    begun = {(name, *values): value for name, values, value in series(registry)}
    assert [("circuit", "closed")] == [each for each, value in begun.items() if value]
    assert {
        ("attempts_total", "ok"),
        ("retries_total", "refused"),
        ("refusals_total", "bulkhead"),
        ("wait_seconds_count", "rate_limit"),
        ("cache_lookups_total", "shared", "stale"),
        ("coalesced_questions_total",),
        ("revalidations_total", "left_to_another"),
        ("drift_total", "mistyped"),
    } < begun.keys()


def test_what_befalls_a_source_is_counted_for_it_alone() -> None:
    registry = CollectorRegistry()
    sources, federation = meters(registry)
    sources.of("ai")
    meter = sources.of("crm")

    meter.attempted("ok")
    meter.attempted("upstream_unreachable")
    meter.retried(allowed=True)
    meter.retried(allowed=False)
    meter.waited("rate_limit", 0.3)
    meter.refused("rate_limit")
    meter.lowered(2.5)
    federation.looked_up("crm", "memory", "stale")
    federation.coalesced("crm")
    federation.revalidated("crm", "failed")
    federation.drifted("crm", "missing", 3)

    assert {
        ("attempts_total", ("ok",), 1),
        ("attempts_total", ("upstream_unreachable",), 1),
        ("retries_total", ("allowed",), 1),
        ("retries_total", ("refused",), 1),
        ("wait_seconds_count", ("rate_limit",), 1),
        ("wait_seconds_sum", ("rate_limit",), 0.3),
        ("refusals_total", ("rate_limit",), 1),
        ("permitted_rate", (), 2.5),
        ("cache_lookups_total", ("memory", "stale"), 1),
        ("coalesced_questions_total", (), 1),
        ("revalidations_total", ("failed",), 1),
        ("drift_total", ("missing",), 3),
        ("circuit", ("closed",), 1),
    } == {each for each in series(registry) if each[2]}
    assert 0 == registry.get_sample_value("analytics_gateway_source_attempts_total", {"source": "ai", "result": "ok"})


def test_a_circuit_is_in_one_state_at_a_time() -> None:
    registry = CollectorRegistry()
    sources, _ = meters(registry)
    meter = sources.of("crm")

    states = []
    for state in ("open", "half_open", "closed"):
        meter.circuit(state)
        states.append([values[0] for name, values, value in series(registry) if name == "circuit" and value])

    assert [["open"], ["half_open"], ["closed"]] == states


def test_a_source_that_is_asked_for_again_goes_on_counting() -> None:
    registry = CollectorRegistry()
    sources, _ = meters(registry)

    for _ in range(2):
        sources.of("crm").attempted("ok")

    assert ("attempts_total", ("ok",), 2) in series(registry)


def test_what_is_kept_dropped_and_not_shared_is_counted_for_the_process() -> None:
    registry = CollectorRegistry()
    _, federation = meters(registry)

    federation.held(entries=3, size=4096)
    federation.held(entries=2, size=2048)
    federation.evicted("gone")
    federation.sharing_failed("lease")

    def number(name: str, **labels: str) -> float | None:
        return registry.get_sample_value(f"analytics_gateway_{name}", labels)

    assert (2, 2048) == (number("cache_entries"), number("cache_size_bytes"))
    assert (1, 0) == (number("cache_evictions_total", why="gone"), number("cache_evictions_total", why="size"))
    assert 1 == number("sharing_failures_total", operation="lease")
    assert 0 == number("sharing_failures_total", operation="get")
