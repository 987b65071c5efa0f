"""The catalogue of SuperOffice's metrics."""

from adapters.superoffice.metrics import COUNTERS
from adapters.superoffice.selection import PROPERTIES
from unified.analytics.v1 import metric_pb2


def test_every_counter_of_the_answer_is_one_metric() -> None:
    numbers = {name for name in PROPERTIES if name.startswith(("Num", "Tot")) or name.endswith("AgeDays")}
    assert numbers == {counter.field for counter in COUNTERS.values()}
    assert 35 == len(COUNTERS)


def test_a_metric_counts_for_whom_its_field_does() -> None:
    scopes = {"Num": metric_pb2.METRIC_SCOPE_USER, "Tot": metric_pb2.METRIC_SCOPE_SYSTEM}
    scopes |= {"Use": metric_pb2.METRIC_SCOPE_USER, "Gro": metric_pb2.METRIC_SCOPE_GROUP}
    assert {c.metric: c.scope for c in COUNTERS.values()} == {c.metric: scopes[c.field[:3]] for c in COUNTERS.values()}


def test_the_id_says_whose_number_it_is() -> None:
    for counter in COUNTERS.values():
        whose = {metric_pb2.METRIC_SCOPE_USER: "user.", metric_pb2.METRIC_SCOPE_GROUP: "group."}.get(counter.scope, "")
        assert counter.metric.startswith(f"superoffice.{whose}")


def test_descriptors_explain_themselves() -> None:
    for counter in COUNTERS.values():
        descriptor = counter.descriptor()
        assert descriptor.display_name
        assert descriptor.description.endswith(".")
        assert descriptor.not_additive_with.endswith(".")
        assert descriptor.value_kind == metric_pb2.METRIC_KIND_GAUGE
        assert not descriptor.has_time_series
        assert not descriptor.sources


def test_ages_are_days_and_the_rest_is_counted() -> None:
    assert {"d"} == {counter.unit for counter in COUNTERS.values() if counter.metric.endswith("_days")}
    assert {"1"} == {counter.unit for counter in COUNTERS.values() if not counter.metric.endswith("_days")}


def test_a_crm_project_is_not_taken_for_a_zylon_project() -> None:
    assert "zylon.projects" in COUNTERS["superoffice.projects"].not_additive_with


def test_a_descriptor_is_new_each_time_so_that_nobody_changes_anothers() -> None:
    counter = COUNTERS["superoffice.contacts"]
    counter.descriptor().sources.append("crm")
    assert [] == counter.descriptor().sources
