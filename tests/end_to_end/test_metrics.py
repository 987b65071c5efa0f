"""What a running gateway tells Prometheus, after calls of every kind."""

import sys
from collections.abc import Iterator

from prometheus_client.parser import text_string_to_metric_families

from tests.end_to_end.questions import QUESTIONS
from tests.end_to_end.serving import METHODS, Gateway, serving, tables
from tests.house.pages import METRICS, quoted
from tests.running import Upstreams

Series = tuple[str, str, frozenset[str]]


def documented() -> Iterator[Series]:
    """Name, type and labels of each metric."""
    for name, cells in METRICS.rows("Prometheus").items():
        if sys.platform == "linux" or not name.startswith("process_"):
            yield name, cells[0], frozenset(quoted(cells[1]))


async def exported(gateway: Gateway) -> set[Series]:
    """The same of what is there, with a sample at least."""
    async with gateway.session.get(f"{gateway.url}/metrics") as response:
        families = list(text_string_to_metric_families(await response.text()))
    return {
        (
            family.name + ("_total" if family.type == "counter" else ""),
            family.type,
            frozenset(label for sample in family.samples for label in sample.labels) - {"le"},
        )
        for family in families
        if family.samples
    }


async def ask_everything(gateway: Gateway) -> None:
    """One call of each RPC over each transport."""
    for name, request in QUESTIONS.items():
        if METHODS[name].streaming:
            async for _ in gateway.stream(request):
                pass
        else:
            await gateway.unary(request)
        await gateway.rest(request)


async def test_all_that_is_documented_is_there_and_nothing_else(upstreams: Upstreams) -> None:
    async with serving(await tables(upstreams)) as gateway:
        await ask_everything(gateway)

        assert set(documented()) == await exported(gateway)


async def test_a_call_is_counted_by_its_front_and_by_the_sources_it_asked(upstreams: Upstreams) -> None:
    method = "unified.analytics.v1.AnalyticsService/ListMetrics"
    route = 'http_request_method="GET",http_response_status_code="200",http_route="/v1/metrics"'
    expected = {
        f'grpc_server_call_started_total{{grpc_method="{method}"}} 2.0',
        f'grpc_server_call_duration_seconds_count{{grpc_method="{method}",grpc_status="OK"}} 2.0',
        f"http_server_request_duration_seconds_count{{{route}}} 1.0",
        'analytics_gateway_source_circuit{source="ai",state="closed"} 1.0',
        'analytics_gateway_source_outcomes_total{part="metrics",source="ai",state="answered"} 3.0',
        'analytics_gateway_call_overhead_seconds_count{method="ListMetrics",transport="grpc"} 2.0',
    }
    async with serving({"ai": (await tables(upstreams))["ai"]}) as gateway:
        for _ in range(2):
            await gateway.unary(QUESTIONS["ListMetrics"])
        await gateway.rest(QUESTIONS["ListMetrics"])

        # A client may have its answer before the call is counted as ended.
        while not expected <= await lines(gateway):
            pass


async def lines(gateway: Gateway) -> set[str]:
    """What Prometheus would read."""
    async with gateway.session.get(f"{gateway.url}/metrics") as response:
        return set((await response.text()).splitlines())
