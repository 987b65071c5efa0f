"""Recorded pages of events decoded with msgspec, and the contract's messages built of them: no network, no checks.

`python -m benchmarks.floors.decoding RECORDING [--digest]` says, as a line of JSON, what it took, and ends. It reads
events in the one shape that the simulator sends unless told otherwise, and shares no code with the adapter.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.digest import EventDigest
from benchmarks.exchanges import Recording, load
from unified.analytics.v1.analytics_service_pb2 import StreamEventsResponse
from unified.analytics.v1.user_pb2 import User

CALL = "StreamEvents"
"""The call of the recording whose pages are decoded."""

_WARM_UP = 5
"""Pages decoded before the time is taken."""


class WireUser(msgspec.Struct):
    """`user` of an event."""

    id: str
    realm: list[str]
    groups: list[str]
    roles: list[str]


class WireEvent(msgspec.Struct, rename="camel"):
    """One of `results`."""

    id: str
    name: str
    datetime: int
    app_name: str | None = None
    app_version: str | None = None
    content_locale: str | None = None
    ui_locale: str | None = None
    offline: bool | None = None
    parameters: msgspec.Raw = msgspec.Raw()
    session_id: str | None = None
    tenant_id: str | None = None
    user: WireUser | None = None
    user_agent: str | None = None
    user_ip: str | None = None


class WirePage(msgspec.Struct):
    """An answer of `POST /analytics/api/v1/events`."""

    results: list[WireEvent]


_decode = msgspec.json.Decoder(WirePage).decode


def messages(source: str, pages: list[bytes]) -> Iterator[StreamEventsResponse]:
    """One message for each page that holds events."""
    for page in pages:
        response = StreamEventsResponse()
        for event in _decode(page).results:
            _add(response, source, event)
        yield response


def _add(response: StreamEventsResponse, source: str, event: WireEvent) -> None:
    made = response.batch.events.add(
        source=source,
        id=event.id,
        name=event.name,
        app_name=event.app_name,
        app_version=event.app_version,
        content_locale=event.content_locale,
        ui_locale=event.ui_locale,
        offline=event.offline,
        attributes_json=str(event.parameters, "utf-8") or None,
        session_id=event.session_id,
        tenant_id=event.tenant_id,
        user=_user(event.user),
        user_agent=event.user_agent,
        user_ip=event.user_ip,
    )
    made.event_time.seconds = event.datetime // 1000
    made.event_time.nanos = event.datetime % 1000 * 1_000_000


def _user(user: WireUser | None) -> User | None:
    return None if user is None else User(id=user.id, realms=user.realm, groups=user.groups, roles=user.roles)


def pages_of(recording: Recording) -> tuple[str, list[bytes]]:
    """The source, and the pages of the stream."""
    exchanges = recording.of_call(CALL)
    return exchanges[0].source, [exchange.answer for exchange in exchanges]


def measure(recording: Recording) -> dict[str, float]:
    """Seconds, processor seconds and events of one pass over all pages."""
    source, pages = pages_of(recording)
    for _ in messages(source, pages[:_WARM_UP]):
        pass
    started, cpu, events = time.perf_counter(), time.process_time(), 0
    for message in messages(source, pages):
        events += len(message.batch.events)
    return {"seconds": time.perf_counter() - started, "cpu_seconds": time.process_time() - cpu, "events": events}


def digest(recording: Recording) -> str:
    """The fingerprint of all events."""
    found = EventDigest()
    for message in messages(*pages_of(recording)):
        found.add(message.batch.events)
    return found.text


def main() -> None:
    """Run by the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("recording", type=Path)
    parser.add_argument("--digest", action="store_true")
    arguments = parser.parse_args()
    recording = load(arguments.recording)
    sys.stdout.write(json.dumps({"digest": digest(recording)} if arguments.digest else measure(recording)) + "\n")


if __name__ == "__main__":
    main()
