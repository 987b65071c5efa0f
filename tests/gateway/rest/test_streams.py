"""Streams over real HTTP: the three forms, their ends, and readers that are slow, gone, or back again."""

import asyncio
import json
from collections.abc import AsyncGenerator
from typing import Any

import aiohttp
import pytest

from gateway.pipeline import Call, DeadlinePolicy
from gateway.pipeline.errors import RequiredSourceFailedError
from tests.clock import VirtualClock, settle
from tests.gateway.rest.serving import serving
from unified.analytics.v1.analytics_service_pb2 import (
    EventBatch,
    StreamEnd,
    StreamEventsRequest,
    StreamEventsResponse,
)
from unified.analytics.v1.event_pb2 import Event

STREAM = "/v1/events:stream"
ITEMS = [
    {"batch": {"events": [], "resumeToken": "one"}},
    {"batch": {"events": [], "resumeToken": "two"}},
    {"end": {"eventCount": "0", "windows": [], "outcomes": [], "resumeToken": "done"}},
]

Stream = AsyncGenerator[StreamEventsResponse]


def batch(token: str, attributes: str = "") -> StreamEventsResponse:
    events = [Event(attributes_json=attributes)] if attributes else []
    return StreamEventsResponse(batch=EventBatch(events=events, resume_token=token))


END = StreamEventsResponse(end=StreamEnd(resume_token="done"))


async def whole(_request: StreamEventsRequest, _call: Call) -> Stream:
    for item in (batch("one"), batch("two"), END):
        yield item


async def broken(_request: StreamEventsRequest, _call: Call) -> Stream:
    yield batch("one")
    raise RequiredSourceFailedError("docs did not answer", [])


async def failing_at_once(request: StreamEventsRequest, _call: Call) -> Stream:
    if not request.resume_token:
        raise RequiredSourceFailedError("docs did not answer", [])
    yield END


def events_of(body: bytes) -> list[dict[str, str]]:
    """Server-sent events, as a browser takes them apart."""
    blocks = body.decode().split("\n\n")
    assert "" == blocks.pop()
    return [dict(line.split(": ", 1) for line in block.split("\n")) for block in blocks]


@pytest.mark.parametrize("accept", ["application/x-ndjson", "*/*", "application/*", "text/html, */*;q=0.8"])
async def test_a_stream_is_one_item_per_line(accept: str) -> None:
    async with serving(stream_events=whole) as front:
        answer = await front.get(STREAM, Accept=accept)

    assert 200 == answer.status
    assert "application/x-ndjson" == answer.headers["Content-Type"]
    assert ITEMS == [json.loads(line) for line in answer.body.splitlines()]
    assert answer.body.endswith(b"\n")


async def test_a_stream_is_an_array_for_who_wants_json() -> None:
    async with serving(stream_events=whole) as front:
        answer = await front.get(STREAM, Accept="application/json, application/x-ndjson;q=0.5")

    assert "application/json" == answer.headers["Content-Type"]
    assert ITEMS == answer.json


async def test_a_stream_is_server_sent_events_with_tokens_as_ids() -> None:
    async with serving(stream_events=whole) as front:
        answer = await front.get(STREAM, Accept="text/event-stream")

    events = events_of(answer.body)
    assert "text/event-stream" == answer.headers["Content-Type"]
    assert ITEMS == [json.loads(event["data"]) for event in events]
    assert ["one", "two", "done"] == [event["id"] for event in events]
    assert [None, None, "end"] == [event.get("event") for event in events]


async def test_none_of_the_three_is_406() -> None:
    async with serving(stream_events=whole) as front:
        answer = await front.get(STREAM, Accept="text/csv, text/event-stream;q=0")

    assert 406 == answer.status
    assert "NOT_ACCEPTABLE" == answer.reason


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/event-stream", "application/json"])
async def test_a_failure_before_the_first_item_has_its_own_status(accept: str) -> None:
    async with serving(stream_events=failing_at_once) as front:
        answer = await front.get(STREAM, Accept=accept)

    assert 503 == answer.status
    assert "application/problem+json" == answer.headers["Content-Type"]
    assert "REQUIRED_SOURCE_FAILED" == answer.reason


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/event-stream", "application/json"])
async def test_a_later_failure_is_the_last_item(accept: str) -> None:
    async with serving(stream_events=broken) as front:
        answer = await front.get(STREAM, Accept=accept)

    items: list[Any]
    if accept == "text/event-stream":
        events = events_of(answer.body)
        assert "error" == events[-1]["event"]
        assert "id" not in events[-1]
        items = [json.loads(event["data"]) for event in events]
    else:
        items = answer.json if accept == "application/json" else [json.loads(line) for line in answer.body.splitlines()]
    assert ITEMS[0] == items[0]
    assert ["error"] == list(items[1])
    assert 14 == items[1]["error"]["code"]
    assert "docs did not answer" == items[1]["error"]["message"]
    assert 2 == len(items)


async def test_an_item_that_cannot_be_written_is_a_failure_too() -> None:
    async def stream_events(_request: StreamEventsRequest, _call: Call) -> Stream:
        yield batch("one")
        item = batch("two", "{}")
        item.batch.events[0].event_time.seconds = 2**60
        yield item

    async with serving(stream_events=stream_events) as front:
        answer = await front.get(STREAM, Accept="application/json")

    assert ["batch", "error"] == [next(iter(item)) for item in answer.json]
    assert 13 == answer.json[1]["error"]["code"]


async def test_a_stream_without_items_is_empty_but_well_formed() -> None:
    async def stream_events(_request: StreamEventsRequest, _call: Call) -> Stream:
        nothing: list[StreamEventsResponse] = []
        for item in nothing:
            yield item

    async with serving(stream_events=stream_events) as front:
        assert [] == (await front.get(STREAM, Accept="application/json")).json
        assert b"" == (await front.get(STREAM)).body


async def test_a_browser_that_comes_back_goes_on_where_it_was() -> None:
    asked: list[str] = []

    async def stream_events(request: StreamEventsRequest, _call: Call) -> Stream:
        asked.append(request.resume_token)
        yield batch("two")
        yield END

    async with serving(stream_events=stream_events) as front:
        await front.get(f"{STREAM}?resumeToken=zero", Accept="text/event-stream")
        await front.get(f"{STREAM}?resumeToken=zero", Accept="text/event-stream", Last_Event_ID="one")

    assert ["zero", "one"] == asked


@pytest.mark.parametrize("accept", ["application/x-ndjson", "text/event-stream"])
async def test_coming_back_with_the_token_of_an_end_is_answered_no_content(accept: str) -> None:
    async def stream_events(_request: StreamEventsRequest, _call: Call) -> Stream:
        yield END

    async with serving(stream_events=stream_events) as front:
        finished = await front.get(STREAM, Accept=accept, Last_Event_ID="done")
        nearly = await front.get(STREAM, Accept=accept, Last_Event_ID="two")

    assert (204, b"") == (finished.status, finished.body)
    assert 200 == nearly.status
    assert b"done" in nearly.body


async def test_head_tells_what_get_would_be_and_asks_for_one_item_only() -> None:
    taken: list[str] = []

    async def stream_events(_request: StreamEventsRequest, _call: Call) -> Stream:
        for token in ("one", "two"):
            taken.append(token)
            yield batch(token)

    async with serving(stream_events=stream_events) as front:
        answer = await front.raw(f"HEAD {STREAM} HTTP/1.1\nHost: x\nConnection: close\n\n")

    top, _, body = answer.partition(b"\r\n\r\n")
    assert top.startswith(b"HTTP/1.1 200 OK")
    assert b"Content-Type: application/x-ndjson" in top
    assert b"" == body
    assert ["one"] == taken


class Endless:
    """A stream that never ends, of batches of 100 KiB."""

    def __init__(self) -> None:
        self.made = 0
        self.closed = asyncio.Event()

    async def stream_events(self, _request: StreamEventsRequest, _call: Call) -> Stream:
        try:
            while True:
                self.made += 1
                yield batch(str(self.made), json.dumps("x" * 100_000))
                await asyncio.sleep(0)
        finally:
            self.closed.set()


async def test_a_reader_that_leaves_closes_the_stream() -> None:
    source = Endless()
    async with serving(stream_events=source.stream_events) as front:
        response = await front.client.get(STREAM)
        await response.content.readline()
        response.close()
        await source.closed.wait()
        await settle()

    assert ["CANCELLED"] == [line["code"] for line in front.behind.logged("call")]


async def test_a_reader_that_leaves_while_nothing_comes_closes_the_stream() -> None:
    closed = asyncio.Event()

    async def stream_events(_request: StreamEventsRequest, _call: Call) -> Stream:
        try:
            yield batch("one")
            await asyncio.Event().wait()
        finally:
            closed.set()

    async with serving(stream_events=stream_events) as front:
        response = await front.client.get(STREAM)
        await response.content.readline()
        response.close()
        await closed.wait()


async def made_until_it_stands_still(source: Endless) -> int:
    """How many items were made when no more are; bounded by what the sockets between here and there hold."""
    made = -1
    while made != source.made:
        made = source.made
        for _ in range(500):
            await asyncio.sleep(0)
    return made


async def test_a_slow_reader_stops_the_stream() -> None:
    source = Endless()
    async with serving(stream_events=source.stream_events) as front:
        response = await front.client.get(STREAM)

        stopped_at = await made_until_it_stands_still(source)
        for _ in range(stopped_at + 5):
            await response.content.readuntil(b"\n")

        assert stopped_at < 200
        assert source.made > stopped_at
        response.close()
        await source.closed.wait()


async def test_a_reader_slower_than_the_deadline_is_cut_off_and_sees_no_end() -> None:
    source, clock = Endless(), VirtualClock()
    async with serving(
        clock=clock, deadlines=DeadlinePolicy(longest_stream=60), stream_events=source.stream_events
    ) as front:
        response = await front.client.get(STREAM, headers={"Accept": "application/json"})
        await made_until_it_stands_still(source)

        await clock.advance(61)
        await source.closed.wait()

        with pytest.raises(aiohttp.ClientError):
            await response.read()
        response.close()
