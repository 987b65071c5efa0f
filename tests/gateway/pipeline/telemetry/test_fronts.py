"""What each front counts of its protocol."""

import pytest
from prometheus_client import CollectorRegistry

from gateway.pipeline.telemetry.fronts import GrpcMetrics, HttpMetrics

LIST_METRICS = "unified.analytics.v1.AnalyticsService/ListMetrics"


def test_a_call_over_grpc_is_counted_under_its_full_method_and_status() -> None:
    registry = CollectorRegistry()
    meter = GrpcMetrics(registry).of(f"/{LIST_METRICS}")
    meter.started()
    meter.started()

    meter.ended("CANCELLED", 0.0002, sent=5000, received=10)

    method = {"grpc_method": LIST_METRICS}
    ended = {**method, "grpc_status": "CANCELLED"}
    assert 2 == registry.get_sample_value("grpc_server_call_started_total", method)
    assert 1 == registry.get_sample_value("grpc_server_call_duration_seconds_bucket", {**ended, "le": "0.0003"})
    assert 0 == registry.get_sample_value("grpc_server_call_duration_seconds_bucket", {**ended, "le": "0.0001"})
    assert 5000 == registry.get_sample_value("grpc_server_call_sent_total_compressed_message_size_bytes_sum", ended)
    assert 10 == registry.get_sample_value("grpc_server_call_rcvd_total_compressed_message_size_bytes_sum", ended)


def test_a_request_over_http_is_counted_under_its_route_and_status() -> None:
    registry = CollectorRegistry()
    meter = HttpMetrics(registry).of("GET", "/v1/sources/{source}")

    meter.started()
    assert 1 == registry.get_sample_value("http_server_active_requests", {"http_request_method": "GET"})
    meter.ended(304, 0.002, sent=0, received=7)

    assert 0 == registry.get_sample_value("http_server_active_requests", {"http_request_method": "GET"})
    ended = {
        "http_request_method": "GET",
        "http_route": "/v1/sources/{source}",
        "http_response_status_code": "304",
    }
    assert 0.002 == registry.get_sample_value("http_server_request_duration_seconds_sum", ended)
    assert 7 == registry.get_sample_value("http_server_request_body_size_bytes_sum", ended)
    assert 1 == registry.get_sample_value("http_server_response_body_size_bytes_bucket", {**ended, "le": "0.0"})


@pytest.mark.parametrize("verb", ["BREW", "get", "", "X" * 1000])
def test_callers_cannot_invent_label_values(verb: str) -> None:
    registry = CollectorRegistry()
    metrics = HttpMetrics(registry)

    metrics.of(verb, "").started()

    assert 1 == registry.get_sample_value("http_server_active_requests", {"http_request_method": "_OTHER"})
    assert metrics.of(verb, "") is metrics.of("_OTHER", "")
