"""The whole gateway in this process, called as its callers call it: over gRPC, and over HTTP."""

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import grpc
import structlog
from google.api.http_pb2 import HttpRule
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc import error_details_pb2  # noqa: F401 - so that json_format can read details of these types
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status
from yarl import URL

from adapters.clock import Clock
from gateway.app import gateway
from gateway.contract import Contract, Method, load_contract
from gateway.listening import Addresses
from gateway.settings.configuration import load_settings
from tests.clock import START
from tests.running import StoppedClock, Upstreams

IDS = {"crm": "superoffice", "docs": "fluidtopics", "ai": "zylon"}
"""The sources of the gateway under test, with their kinds."""

CONTRACT: Contract = load_contract()
METHODS: Mapping[str, Method] = {method.name: method for method in CONTRACT.methods}

TODAY = START.replace(hour=0)
"""The midnight at which the tests' day began."""

SHORT = 1.0
"""Seconds that a call has where an upstream is silent."""

_UNSETTLED = {"latency", "history", "protection"}
_IN_FLIGHT = "analytics_gateway_calls_in_flight"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer over HTTP, whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Json:
        """The body, which is an object."""
        found: Json = json.loads(self.body)
        return found


NOTHING_KEPT = {"ANALYTICS_GATEWAY_CACHE__MAX_BYTES": "0"}
"""What one test was answered is not an answer to the next, whose upstreams may have been told to fail."""

UNTIRING: Json = {
    "retry": {"attempts": 2, "first_wait": 0.001, "budget_floor": 1000},
    "breaker": {"least_requests": 10_000},
    "limits": {"rate": 100_000, "burst": 10_000},
}
"""All tests share a gateway: none of them must find an upstream spared because of those before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """A gateway that runs, and a client for each of its fronts."""

    addresses: Addresses
    channel: grpc.aio.Channel
    session: aiohttp.ClientSession

    @property
    def url(self) -> str:
        """Of the REST front."""
        return f"http://{self.addresses.rest}"

    async def unary(self, request: Message, timeout: float | None = None) -> Any:  # noqa: ANN401, ASYNC109 - any response; a deadline, as gRPC has it
        """The answer over gRPC to a method, which its request tells."""
        method = method_of(request)
        call = self.channel.unary_unary(method.path, _write, method.response_class.FromString)
        return await call(request, timeout=timeout)

    def stream(self, request: Message, timeout: float | None = None) -> grpc.aio.UnaryStreamCall[Any, Any]:
        """The answers over gRPC to a streaming method."""
        method = method_of(request)
        return self.channel.unary_stream(method.path, _write, method.response_class.FromString)(
            request, timeout=timeout
        )

    async def rest(self, request: Message, rule: HttpRule | None = None, **headers: str) -> Reply:
        """The answer over HTTP to a method, by one of its bindings, or the first. `_` in names of headers is `-`."""
        verb, path, body = to_http(request, rule or method_of(request).http[0])
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.session.request(verb, self.url + path, json=body, headers=sent) as response:
            return Reply(status=response.status, headers=response.headers, body=await response.read())

    async def has_under_way(self, calls: int) -> None:
        """Wait until just so many calls are under way."""
        while True:
            async with self.session.get(f"{self.url}/metrics", params={"name[]": _IN_FLIGHT}) as response:
                lines = (await response.text()).splitlines()
            if calls == sum(float(line.split()[-1]) for line in lines if not line.startswith("#")):
                return

    async def idle(self) -> None:
        """Wait until no call is under way: what one test leaves behind would be counted in the next."""
        await self.has_under_way(0)


@asynccontextmanager
async def serving(
    tables: Mapping[str, Json],
    environ: Mapping[str, str] = NOTHING_KEPT,
    clock: Clock = StoppedClock(),  # noqa: B008 - it has no state
    **server: str,
) -> AsyncIterator[Gateway]:
    """Serve the sources of the tables, in the tests' stopped time."""
    given = {"grpc_address": "127.0.0.1:0", "rest_address": "127.0.0.1:0", "grace": "1", **server}
    settings = load_settings(None, sources=tables, server=given, environ=environ)
    log = structlog.get_logger()
    async with (
        gateway(settings, log, clock) as addresses,
        grpc.aio.insecure_channel(str(addresses.grpc)) as channel,
        aiohttp.ClientSession() as session,
    ):
        yield Gateway(addresses=addresses, channel=channel, session=session)


async def tables(upstreams: Upstreams) -> dict[str, Json]:
    """Configuration of all sources, which retry once and at once, however often and in vain they are asked."""
    found = {}
    for source, kind in IDS.items():
        running = await upstreams.get(kind)
        found[source] = {**running.simulator.source, "base_url": running.base_url, **UNTIRING}
    return found


def method_of(request: Message) -> Method:
    """The method that takes such a request."""
    return METHODS[type(request).__name__.removesuffix("Request")]


def to_http(request: Message, rule: HttpRule) -> tuple[str, str, Json | None]:
    """Verb, path with query, and body of a request, as AIP-127 has it, for the rules that this contract uses."""
    fields = json_format.MessageToDict(request)
    path = re.sub(r"{(\w+)}", lambda name: str(fields.pop(name[1])), rule.get or rule.post)
    if rule.post:
        return "POST", path, fields
    query = [
        (name, str(value)) for name, held in fields.items() for value in (held if isinstance(held, list) else [held])
    ]
    return "GET", str(URL(path).with_query(query)), None


def to_json(message: Message) -> Json:
    """What REST should say of a message: protobuf's own JSON, in which embedded JSON is no text."""
    spoken = json_format.MessageToDict(message, always_print_fields_with_no_presence=True)
    shown: Json = unfolded(spoken)
    return shown


def from_json(spoken: Json, kind: type[Message]) -> Any:  # noqa: ANN401 - of the kind given
    """The message that REST said."""
    return json_format.ParseDict(_folded(spoken), kind())


def settled(answer: object) -> Any:  # noqa: ANN401 - the same kind of JSON
    """An answer without what two equal calls need not share: how long they took, what came of others."""
    match answer:
        case dict():
            return {name: settled(value) for name, value in answer.items() if name not in _UNSETTLED}
        case list():
            return [settled(value) for value in answer]
        case _:
            return answer


def status_of(error: grpc.aio.AioRpcError) -> Status:
    """The status with its details."""
    status = rpc_status.from_call(error)  # type: ignore[no-untyped-call]  # its stubs say less
    assert isinstance(status, Status)
    return status


def days_before_today(days: int) -> datetime:
    """A midnight."""
    return TODAY - timedelta(days=days)


def _write(request: Message) -> bytes:
    return request.SerializeToString()


_EMBEDDED = {"attributesJson": "attributes", "membersJson": "members"}
_FOLDED = {shown: name for name, shown in _EMBEDDED.items()}


def unfolded(spoken: Any) -> Any:  # noqa: ANN401 - JSON
    """JSON in which embedded JSON is no text any more."""
    match spoken:
        case dict():
            return {
                _EMBEDDED.get(name, name): json.loads(value) if name in _EMBEDDED else unfolded(value)
                for name, value in spoken.items()
            }
        case list():
            return [unfolded(value) for value in spoken]
        case _:
            return spoken


def _folded(spoken: Any) -> Any:  # noqa: ANN401 - JSON
    match spoken:
        case dict():
            return {
                _FOLDED.get(name, name): json.dumps(value) if name in _FOLDED else _folded(value)
                for name, value in spoken.items()
            }
        case list():
            return [_folded(value) for value in spoken]
        case _:
            return spoken
