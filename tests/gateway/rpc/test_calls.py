"""Calls over a real channel: answers, errors, ids, deadlines, and a client that leaves."""

import grpc
import pytest
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from adapters.clock import SystemClock
from gateway.pipeline import Call
from gateway.pipeline.errors import SourcesFailedError
from gateway.rpc import Health, build_server
from tests.clock import VirtualClock
from tests.gateway.pipeline.fakes import ANSWER, CONTRACT, LIST_METRICS, Keeping, fixture
from tests.gateway.rpc.calling import unary
from tests.gateway.rpc.serving import served
from unified.analytics.v1.analytics_service_pb2 import (
    ListMetricsRequest,
    ListMetricsResponse,
)
from unified.analytics.v1.outcome_pb2 import SourceOutcome


def status_of(error: grpc.aio.AioRpcError) -> Status:
    status = rpc_status.from_call(error)  # type: ignore[no-untyped-call]  # its stubs say less
    assert isinstance(status, Status)
    return status


async def test_a_call_is_answered_by_the_service() -> None:
    async with served(fixture()) as channel:
        assert ANSWER == await unary(channel)(ListMetricsRequest())


async def test_the_callers_request_id_comes_back_and_is_logged() -> None:
    under_test = fixture()
    async with served(under_test) as channel:
        call = unary(channel)(ListMetricsRequest(), metadata=(("x-request-id", "abc-1"),))
        await call

    assert "abc-1" == (await call.trailing_metadata())["x-request-id"]
    assert ["abc-1"] == [line["request_id"] for line in under_test.logged("call")]


async def test_a_failed_call_too_tells_its_request_id() -> None:
    async with served(fixture()) as channel:
        call = unary(channel)(ListMetricsRequest(sources=["A"]), metadata=(("x-request-id", "abc-2"),))
        with pytest.raises(grpc.aio.AioRpcError):
            await call

    assert "abc-2" == (await call.trailing_metadata())["x-request-id"]


async def test_an_answer_tells_how_long_it_took_and_how_much_of_that_was_the_upstreams() -> None:
    async def wait(_request: object, call: Call) -> ListMetricsResponse:
        await clock.advance(1.25)
        call.waited = 1.2
        return ANSWER

    clock = VirtualClock()
    async with served(fixture(clock, list_metrics=wait)) as channel:
        call = unary(channel)(ListMetricsRequest())
        await call

    trailers = await call.trailing_metadata()
    assert "upstream;dur=1200.00, gateway;dur=50.00" == trailers["server-timing"]
    assert "age" not in dict(trailers)


async def test_a_failed_call_tells_it_too() -> None:
    async def fail(_request: object, call: Call) -> ListMetricsResponse:
        await clock.advance(1)
        call.waited = 1
        raise SourcesFailedError("all down", [])

    clock = VirtualClock()
    async with served(fixture(clock, list_metrics=fail)) as channel:
        call = unary(channel)(ListMetricsRequest())
        with pytest.raises(grpc.aio.AioRpcError):
            await call

    trailers = await call.trailing_metadata()
    assert "upstream;dur=1000.00, gateway;dur=0.00" == trailers["server-timing"]
    assert "age" not in dict(trailers)


async def test_an_answer_that_was_given_before_has_an_age_and_the_same_bytes() -> None:
    clock = VirtualClock()
    service = Keeping(clock)
    async with served(fixture(clock, list_metrics=service)) as channel:
        first = unary(channel)(ListMetricsRequest())
        before = await first
        await clock.advance(12.5)
        second = unary(channel)(ListMetricsRequest())
        after = await second

    assert before == after
    assert 1 == service.asked
    assert ["0", "12"] == [(await call.trailing_metadata())["age"] for call in (first, second)]


async def test_calls_are_counted_as_grpc_counts_them() -> None:
    under_test = fixture()
    async with served(under_test) as channel:
        await unary(channel)(ListMetricsRequest(sources=["ai"]))
        with pytest.raises(grpc.aio.AioRpcError):
            await unary(channel)(ListMetricsRequest(sources=["A"]))

    method = LIST_METRICS.path.removeprefix("/")
    size = "total_compressed_message_size_bytes_sum"
    assert 2 == under_test.number("grpc_server_call_started_total", grpc_method=method)
    for status, sent in (("OK", ANSWER.ByteSize()), ("INVALID_ARGUMENT", 0)):
        labels = {"grpc_method": method, "grpc_status": status}
        assert 1 == under_test.number("grpc_server_call_duration_seconds_count", **labels)
        assert sent == under_test.number(f"grpc_server_call_sent_{size}", **labels)
        assert under_test.number(f"grpc_server_call_rcvd_{size}", **labels) > 0


async def test_an_invalid_request_names_the_field_in_the_details() -> None:
    async with served(fixture()) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unary(channel)(ListMetricsRequest(sources=["CRM"]))

    info, bad = ErrorInfo(), BadRequest()
    status = status_of(caught.value)
    assert status.details[0].Unpack(info)
    assert status.details[1].Unpack(bad)
    assert grpc.StatusCode.INVALID_ARGUMENT == caught.value.code()
    assert ("REQUEST_INVALID", "analytics-gateway") == (info.reason, info.domain)
    assert ["sources[0]"] == [violation.field for violation in bad.field_violations]


@pytest.mark.parametrize("letter", ["x", "😀"])
async def test_a_status_with_more_details_than_fit_still_arrives(letter: str) -> None:
    """GRPC would drop all of a status that takes more than 8 KiB, base64 and percent encoding included."""

    async def fail(_request: object, _call: Call) -> ListMetricsResponse:
        down = [SourceOutcome(source=f"s{number}", status=Status(message=letter * 100)) for number in range(64)]
        raise SourcesFailedError(letter * 5000, down)

    async with served(fixture(list_metrics=fail)) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unary(channel)(ListMetricsRequest())

    info = ErrorInfo()
    assert grpc.StatusCode.UNAVAILABLE == caught.value.code()
    assert status_of(caught.value).details[0].Unpack(info)
    assert int(info.metadata["omitted_outcomes"]) > 0


async def test_a_body_that_is_no_message_is_an_invalid_argument() -> None:
    async with served(fixture()) as channel:
        raw: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(LIST_METRICS.path)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await raw(b"\xff\xff")

    assert grpc.StatusCode.INVALID_ARGUMENT == caught.value.code()
    assert "unified.analytics.v1.ListMetricsRequest" in (caught.value.details() or "")


async def test_the_callers_deadline_reaches_the_service() -> None:
    left = []

    async def note(_request: object, call: Call) -> ListMetricsResponse:
        left.append(call.deadline - call.started)
        return ANSWER

    async with served(fixture(SystemClock(), list_metrics=note)) as channel:
        await unary(channel)(ListMetricsRequest(), timeout=5)
        await unary(channel)(ListMetricsRequest())
        await unary(channel)(ListMetricsRequest(), timeout=500)

    assert [pytest.approx(5, abs=0.5), 10, 60] == left


async def test_a_request_over_a_megabyte_is_refused() -> None:
    async with served(fixture()) as channel:
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await unary(channel)(ListMetricsRequest(sources=["x" * 1_100_000]))

    assert grpc.StatusCode.RESOURCE_EXHAUSTED == caught.value.code()


async def test_two_servers_cannot_share_a_port() -> None:
    first = build_server(CONTRACT, fixture().pipeline, Health(()))
    second = build_server(CONTRACT, fixture().pipeline, Health(()))
    port = first.add_insecure_port("127.0.0.1:0")
    await first.start()
    with pytest.raises(RuntimeError, match="address"):
        second.add_insecure_port(f"127.0.0.1:{port}")
    await first.stop(None)
    await second.stop(None)
