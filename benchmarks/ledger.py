"""What the gateway itself counted, against what was asked of it: h2load takes a failed gRPC call for a success."""

from collections import Counter
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from benchmarks.problems import BenchmarkError

CALLS = "analytics_gateway_calls_total"
OUTCOMES = "analytics_gateway_source_outcomes_total"

Counts = Mapping[str, int]


def read_ledger(metrics: str) -> Counter[str]:
    """Calls by `method transport code`, and outcomes by `source part state`, from the text at `/metrics`."""
    found: Counter[str] = Counter()
    labels = {CALLS: ("method", "transport", "code"), OUTCOMES: ("source", "part", "state")}
    for family in text_string_to_metric_families(metrics):
        for sample in family.samples:
            if sample.name in labels:
                found[" ".join(sample.labels[label] for label in labels[sample.name])] += int(sample.value)
    return found


def check(before: Counter[str], after: Counter[str], expected: Counts) -> None:
    """Compare what was counted in between with what should have been.

    Raises:
        BenchmarkError: anything else ended, or ended in another way.
    """
    counted = after - before
    if counted != Counter(expected):
        raise BenchmarkError(f"the gateway counted {dict(counted)}; it should have counted {dict(expected)}")
