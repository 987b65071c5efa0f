"""Reads `StreamEvents` of a gateway over gRPC to its end, as a process of its own.

`python -m benchmarks.reader ADDRESS START END [--digest]` says, as a line of JSON, what came and how long it took.
Messages are not deserialised, but for the last one, and so cost next to nothing; with `--digest` they all are.
"""

import argparse
import json
import sys
import time
from datetime import datetime

import grpc

from benchmarks.digest import EventDigest
from unified.analytics.v1 import analytics_service_pb2
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest, StreamEventsResponse

METHOD = f"/{analytics_service_pb2.DESCRIPTOR.services_by_name['AnalyticsService'].full_name}/StreamEvents"


def read(address: str, request: StreamEventsRequest, digest: EventDigest | None) -> dict[str, object]:
    """Seconds, messages, bytes and events of the whole stream. Raises ValueError if it has no end."""
    messages, size, last, started = 0, 0, b"", time.perf_counter()
    with grpc.insecure_channel(address) as channel:
        stream = channel.unary_stream(METHOD, StreamEventsRequest.SerializeToString, lambda message: message)
        for last in stream(request, timeout=300):
            messages += 1
            size += len(last)
            if digest is not None:
                digest.add(StreamEventsResponse.FromString(last).batch.events)
    took = time.perf_counter() - started
    end = StreamEventsResponse.FromString(last)
    if not end.HasField("end"):
        raise ValueError("The stream was cut: its last message is not its end.")
    told = {} if digest is None else {"digest": digest.text}
    return {"seconds": took, "messages": messages, "bytes": size, "events": end.end.event_count, **told}


def main() -> None:
    """Run by the command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("start", type=datetime.fromisoformat)
    parser.add_argument("end", type=datetime.fromisoformat)
    parser.add_argument("--digest", action="store_true")
    arguments = parser.parse_args()
    request = StreamEventsRequest(start_time=arguments.start, end_time=arguments.end)
    found = read(arguments.address, request, EventDigest() if arguments.digest else None)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
