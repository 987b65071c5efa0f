"""Calls as clients make them, over gRPC and REST, and how each ended."""

import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal

import aiohttp
import grpc
from google.protobuf import json_format
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_status import rpc_status

from benchmarks.product import Fronts
from unified.analytics.v1 import analytics_service_pb2
from unified.analytics.v1.outcome_pb2 import SourceOutcome

Transport = Literal["grpc", "rest"]
TRANSPORTS: tuple[Transport, ...] = ("grpc", "rest")

_SERVICE = analytics_service_pb2.DESCRIPTOR.services_by_name["AnalyticsService"]
_SPARE_SECONDS = 5.0
"""By which a client over REST waits for longer than it has told the gateway: what comes late is to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """A call that can be made."""

    name: str
    request: Message
    path: str
    """The same over REST, path and query."""

    @property
    def method(self) -> str:
        """The RPC's name."""
        return type(self.request).__name__.removesuffix("Request")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a call ended."""

    errand: Errand
    transport: Transport
    started: float
    """On `time.monotonic()`."""
    seconds: float
    """From request to answer."""
    code: str
    """The gRPC code's name, over REST too; `HUNG` where there was no answer long after the deadline."""
    reason: str = ""
    """Of a failed call, its `ErrorInfo`'s; empty where there is none."""
    outcomes: tuple[SourceOutcome, ...] = ()
    response: Any = None
    """The message of a call that succeeded."""

    @property
    def is_ok(self) -> bool:
        """Whether it was answered."""
        return self.code == "OK"


class Client:
    """Makes calls to one gateway. Raises nothing: what goes wrong is how a call ended."""

    def __init__(self, fronts: Fronts, channel: grpc.aio.Channel, session: aiohttp.ClientSession) -> None:
        """Over a channel and a session that somebody else closes."""
        self._fronts = fronts
        self._session = session
        self._methods = {
            method.name: channel.unary_unary(
                f"/{_SERVICE.full_name}/{method.name}", request_serializer=_written, response_deserializer=_untouched
            )
            for method in _SERVICE.methods
            if not method.server_streaming
        }

    async def run(self, errand: Errand, transport: Transport, timeout: float) -> Ended:  # noqa: ASYNC109 - the caller's, told to the gateway
        """Make a call with a deadline in so many seconds."""
        started = time.monotonic()
        make = self._over_grpc if transport == "grpc" else self._over_rest
        try:
            told = await make(errand, timeout)
        except TimeoutError:
            told = {"code": "HUNG"}
        seconds = time.monotonic() - started
        return Ended(errand=errand, transport=transport, started=started, seconds=seconds, **told)

    async def _over_grpc(self, errand: Errand, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109 - see `run`
        try:
            # Then the channel gives up by itself, and knows no reason: by that one sees who was late.
            body = await self._methods[errand.method](errand.request, timeout=timeout)
        except grpc.aio.AioRpcError as error:
            status = rpc_status.from_call(error) if error.trailing_metadata() else None  # type: ignore[no-untyped-call]  # its stubs say less
            return _failed(error.code().name, status)
        return _answered(_response_of(errand).FromString(body))

    async def _over_rest(self, errand: Errand, timeout: float) -> dict[str, Any]:  # noqa: ASYNC109 - see `run`
        limit = aiohttp.ClientTimeout(total=timeout + _SPARE_SECONDS)
        headers = {"Request-Timeout": f"{timeout:.3f}"}
        try:
            async with self._session.get(self._fronts.rest + errand.path, headers=headers, timeout=limit) as answer:
                body = await answer.read()
        except aiohttp.ClientError as error:
            return {"code": type(error).__name__}
        if answer.status != HTTPStatus.OK:
            status = json_format.ParseDict(json.loads(body)["error"], Status())
            return _failed(grpc.StatusCode(_code(status.code)).name, status)
        return _answered(json_format.ParseDict(_canonical(json.loads(body)), _response_of(errand)()))


@asynccontextmanager
async def client_of(fronts: Fronts) -> AsyncIterator[Client]:
    """A client with connections of its own."""
    async with (
        grpc.aio.insecure_channel(fronts.grpc) as channel,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session,
    ):
        yield Client(fronts, channel, session)


def _response_of(errand: Errand) -> Any:  # noqa: ANN401 - the class of a message
    return getattr(analytics_service_pb2, f"{errand.method}Response")


def _answered(response: Any) -> dict[str, Any]:  # noqa: ANN401 - any response message
    return {"code": "OK", "response": response, "outcomes": tuple(getattr(response, "outcomes", ()))}


def _canonical(answer: Any) -> Any:  # noqa: ANN401 - JSON
    """The answer with each event's attributes as text: the one departure of ours from canonical proto3 JSON, undone."""
    for event in answer.get("events", ()):
        if "attributes" in event:
            event["attributesJson"] = json.dumps(event.pop("attributes"))
    return answer


def _failed(code: str, status: Status | None) -> dict[str, Any]:
    details = list(status.details) if status is not None else []
    info, outcomes = ErrorInfo(), []
    for detail in details:
        outcome = SourceOutcome()
        if detail.Unpack(outcome):
            outcomes.append(outcome)
    reason = next((info.reason for detail in details if detail.Unpack(info)), "")
    return {"code": code, "reason": reason, "outcomes": tuple(outcomes)}


def _code(number: int) -> tuple[int, str]:
    return next(code.value for code in grpc.StatusCode if code.value[0] == number)


def _written(message: Message) -> bytes:
    return message.SerializeToString()


def _untouched(body: bytes) -> bytes:
    return body
