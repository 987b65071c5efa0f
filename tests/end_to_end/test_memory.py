"""A stream of many events leaves the gateway's memory as it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest

from tests.end_to_end.processes import ANY_PORTS, command, ready, sandbox, to_toml
from tests.end_to_end.serving import METHODS
from unified.analytics.v1.analytics_service_pb2 import StreamEventsRequest, StreamEventsResponse

EVENTS = 150_000
SETTLED_AFTER = 50_000
"""Events after which buffers and caches have the size that they keep."""

MOST_GROWTH = 30 * 1024
"""KiB. So many events have about a hundred and fifty thousand."""


def resident_kib(pid: int) -> int:
    """How much memory a process occupies."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


@pytest.mark.timeout(300)
async def test_a_stream_of_many_events_leaves_memory_flat(tmp_path: Path) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    request = StreamEventsRequest(start_time=today - timedelta(days=364), end_time=today)
    method = METHODS["StreamEvents"]
    ids: set[int] = set()
    count, samples = 0, []
    async with sandbox(events=EVENTS * 102 // 100) as sources:
        config = tmp_path / "gateway.toml"
        config.write_text(to_toml(sources))
        async with (
            command("serve", "--config", str(config), *ANY_PORTS) as process,
            grpc.aio.insecure_channel((await ready(process))["grpc_address"]) as channel,
        ):
            stream = channel.unary_stream(
                method.path, StreamEventsRequest.SerializeToString, StreamEventsResponse.FromString
            )
            item = StreamEventsResponse()
            async for item in stream(request):
                count += len(item.batch.events)
                # As numbers: half as large as the texts.
                ids.update([int(event.id.replace("-", ""), 16) for event in item.batch.events])
                if count >= SETTLED_AFTER:
                    samples.append(resident_kib(process.pid))

    assert "end" == item.WhichOneof("item")
    assert EVENTS <= count == item.end.event_count == len(ids)
    assert max(samples) - samples[0] < MOST_GROWTH
