"""A stream that is cut on either side is noticed, and goes on where it was."""

from collections.abc import Iterable
from typing import Any

import aiohttp
import grpc
import pytest

from adapters.simulation import Control, Fault
from adapters.simulation.faults import Mode
from gateway.settings.server import Address
from tests.end_to_end.cutting import wire
from tests.end_to_end.forms import FORMS, read_items
from tests.end_to_end.serving import METHODS, TODAY, Gateway, Json, days_before_today, to_http
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest, StreamEventsResponse


def two_months(resume_token: str = "") -> StreamEventsRequest:
    """Some 3,500 events: in pages of 100, some 35 pages of 100 KiB."""
    return StreamEventsRequest(start_time=days_before_today(60), end_time=TODAY, resume_token=resume_token)


ALL = two_months()

PAGES_BEFORE = 4
"""How many pages an upstream delivers before it breaks."""


def breaking(docs: Control, fault: Fault) -> None:
    """Let some pages through, and then none."""
    docs.faults[:] = [Fault(times=PAGES_BEFORE), fault]


def kinds(items: Iterable[Json]) -> list[str]:
    return [next(iter(item)) for item in items]


def ids(items: Iterable[StreamEventsResponse]) -> list[str]:
    """Of all events of a stream, in order."""
    return [event.id for item in items for event in item.batch.events]


async def read(stream: "grpc.aio.UnaryStreamCall[Any, Any]") -> tuple[list[StreamEventsResponse], grpc.StatusCode]:
    """All items of a stream, and how it ended."""
    items = []
    try:
        async for item in stream:
            items.append(item)  # noqa: PERF401 - those before an error count too
    except grpc.aio.AioRpcError as error:
        return items, error.code()
    return items, await stream.code()


@pytest.fixture(scope="module")
async def whole(small_pages: Gateway, running_upstreams: Upstreams) -> list[StreamEventsResponse]:
    """The stream as it is when nothing is cut."""
    running_upstreams.reset()
    items, code = await read(small_pages.stream(ALL))
    assert (grpc.StatusCode.OK, "end") == (code, items[-1].WhichOneof("item"))
    return items


def test_a_whole_stream_has_each_event_once_and_says_how_many(whole: list[StreamEventsResponse]) -> None:
    end = whole[-1].end

    assert len(set(ids(whole))) == len(ids(whole)) == end.event_count == end.windows[0].total_size
    assert 3_000 < end.event_count


async def test_a_stream_without_events_still_tells_the_window(small_pages: Gateway, docs: Control) -> None:
    nothing = StreamEventsRequest(start_time=days_before_today(60), end_time=TODAY, event_names=["no.such_event"])

    items, _ = await read(small_pages.stream(nothing))

    assert ["end"] == [item.WhichOneof("item") for item in items]
    assert [("docs", 0)] == [(window.source, window.total_size) for window in items[0].end.windows]
    assert 1 == docs.asked


@pytest.mark.parametrize("mode", ["cut", "truncate", "invalid-json"])
async def test_an_upstream_that_breaks_off_is_an_error_over_grpc_and_no_end(
    small_pages: Gateway, docs: Control, whole: list[StreamEventsResponse], mode: Mode
) -> None:
    breaking(docs, Fault(mode=mode))

    items, code = await read(small_pages.stream(ALL))

    assert grpc.StatusCode.UNAVAILABLE == code
    assert ["batch"] * PAGES_BEFORE == [item.WhichOneof("item") for item in items]
    assert ids(items) == ids(whole)[: len(ids(items))]


@pytest.mark.parametrize("accept", FORMS)
async def test_an_upstream_that_breaks_off_is_the_last_item_over_rest(
    small_pages: Gateway, docs: Control, accept: str
) -> None:
    """The array is still closed."""
    breaking(docs, Fault(mode="cut"))

    reply = await small_pages.rest(ALL, Accept=accept)

    items = read_items(reply)
    assert [*["batch"] * PAGES_BEFORE, "error"] == kinds(items)
    assert grpc.StatusCode.UNAVAILABLE.value[0] == items[-1]["error"]["code"]
    assert (b"event: error" in reply.body) == (accept == "text/event-stream")


async def test_a_cut_stream_goes_on_where_it_was(
    small_pages: Gateway, docs: Control, whole: list[StreamEventsResponse]
) -> None:
    breaking(docs, Fault(mode="cut"))
    before, _ = await read(small_pages.stream(ALL))
    docs.faults.clear()

    token = before[-1].batch.resume_token
    after, code = await read(small_pages.stream(two_months(token)))

    assert grpc.StatusCode.OK == code
    assert ids(whole) == [*ids(before), *ids(after)]
    assert after[-1].end.event_count == len(ids(after))


async def test_a_cut_stream_goes_on_over_rest_too(
    small_pages: Gateway, docs: Control, whole: list[StreamEventsResponse]
) -> None:
    """As a browser does it, with the id of the last event that it had."""
    breaking(docs, Fault(mode="cut"))
    before = await small_pages.rest(ALL, Accept="text/event-stream")
    docs.faults.clear()
    last_id = [line for line in before.body.splitlines() if line.startswith(b"id: ")][-1].removeprefix(b"id: ")

    after = await small_pages.rest(ALL, Accept="text/event-stream", Last_Event_ID=last_id.decode())

    told = [*read_items(before), *read_items(after)]
    assert ids(whole) == [event["id"] for item in told for event in item.get("batch", {}).get("events", ())]


@pytest.mark.usefixtures("docs")
async def test_a_finished_stream_does_not_begin_again(small_pages: Gateway, whole: list[StreamEventsResponse]) -> None:
    again = two_months(whole[-1].end.resume_token)

    items, _ = await read(small_pages.stream(again))
    reply = await small_pages.rest(again)

    assert ["end"] == [item.WhichOneof("item") for item in items]
    assert 204 == reply.status


@pytest.mark.usefixtures("docs")
@pytest.mark.parametrize("length", [1_000, 300_000])
async def test_a_cut_connection_is_an_error_over_grpc_and_no_end(small_pages: Gateway, length: int) -> None:
    async with (
        wire(small_pages.addresses.grpc, length) as address,
        grpc.aio.insecure_channel(str(address), options=[("grpc.enable_retries", 0)]) as channel,
    ):
        cut = Gateway(addresses=small_pages.addresses, channel=channel, session=small_pages.session)
        items, code = await read(cut.stream(ALL))

    assert grpc.StatusCode.UNAVAILABLE == code
    assert {"batch"} >= {item.WhichOneof("item") for item in items}


@pytest.mark.usefixtures("docs")
@pytest.mark.parametrize("accept", FORMS)
async def test_a_cut_connection_is_an_error_over_rest_and_no_end(small_pages: Gateway, accept: str) -> None:
    _, path, _ = to_http(ALL, METHODS["StreamEvents"].http[0])
    body = bytearray()

    async def swallow(address: Address) -> None:
        async with small_pages.session.get(f"http://{address}{path}", headers={"Accept": accept}) as response:
            async for chunk in response.content.iter_any():
                body.extend(chunk)

    async with wire(small_pages.addresses.rest, 300_000) as address:
        with pytest.raises(aiohttp.ClientPayloadError):
            await swallow(address)

    assert body
    assert b'"end"' not in body
    assert not body.endswith(b"]\n")


async def test_a_client_that_leaves_a_grpc_stream_stops_the_paging(small_pages: Gateway, docs: Control) -> None:
    breaking(docs, Fault(mode="hang"))
    stream = small_pages.stream(ALL)
    await stream.read()
    await docs.until(lambda seen: seen.asked == PAGES_BEFORE + 1)

    stream.cancel()

    await docs.until(lambda seen: seen.closed_early == 1)
    assert PAGES_BEFORE + 1 == docs.asked


async def test_a_client_that_leaves_a_rest_stream_stops_the_paging(small_pages: Gateway, docs: Control) -> None:
    breaking(docs, Fault(mode="hang"))
    _, path, _ = to_http(ALL, METHODS["StreamEvents"].http[0])
    async with small_pages.session.get(small_pages.url + path) as response:
        await response.content.readline()
        await docs.until(lambda seen: seen.asked == PAGES_BEFORE + 1)

    await docs.until(lambda seen: seen.closed_early == 1)
    assert PAGES_BEFORE + 1 == docs.asked
