"""What a newcomer can try against the sandbox."""

import os.path
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.listening import Addresses

_TRY = """
Every upstream is simulated. Try, in another terminal:

  curl http://{rest}/v1/overview
  curl http://{rest}/v1/sources
  curl -N -H 'Accept: application/x-ndjson' http://{rest}/v1/events:stream
  {buf} curl --protocol grpc --http2-prior-knowledge http://{grpc}/unified.analytics.v1.AnalyticsService/ListMetrics

Read the documentation at http://{rest}/docs, and break an upstream to see what happens. What was answered before is
kept for minutes; this asks anew:

  curl 'http://{rest}/v1/metrics?freshness=FRESH'

"""


def what_to_try(addresses: Addresses, sources: Mapping[str, Mapping[str, Any]]) -> str:
    """Commands against the fronts, and one per simulated source (`sources` are its tables) that makes it fail."""
    lines = [_TRY.format(rest=addresses.rest, grpc=addresses.grpc, buf=_buf())]
    for source, table in sources.items():
        control = f"{_origin(table['base_url'])}/_simulator"
        lines.append(f'  curl -X PUT {control} -d \'{{"faults": [{{"status": 503}}]}}\'  # {source}\n')
    return "".join(lines)


def _buf() -> str:
    """The `buf` of our own environment, as `make run` makes it; else whichever there is."""
    beside = Path(sys.executable).with_name("buf")
    return os.path.relpath(beside) if beside.exists() else "buf"


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])
