"""Handlers for every RPC of the contract, without a line per RPC."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import NoReturn, TypeVar

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status

from gateway.contract import Contract, Method
from gateway.pipeline import Call, Failure, Pipeline, to_failure
from gateway.pipeline.errors import DeadlineExceededError, FieldViolation, InvalidRequestError

REQUEST_ID = "x-request-id"

_T = TypeVar("_T")
_Context = grpc.aio.ServicerContext[bytes, bytes]


def handlers(contract: Contract, pipeline: Pipeline) -> list[grpc.GenericRpcHandler]:
    """One handler per service. All of them pass bytes: messages are read and written here, where errors are mapped."""
    services: dict[str, dict[str, grpc.RpcMethodHandler[bytes, bytes]]] = {}
    for method in contract.methods:
        services.setdefault(method.service, {})[method.name] = _handler(method, pipeline)
    return [grpc.method_handlers_generic_handler(service, methods) for service, methods in services.items()]


def _handler(method: Method, pipeline: Pipeline) -> "grpc.RpcMethodHandler[bytes, bytes]":
    front = _Front(method=method, pipeline=pipeline)
    if method.streaming:
        return grpc.unary_stream_rpc_method_handler(front.stream)
    return grpc.unary_unary_rpc_method_handler(front.unary)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Front:
    """One RPC, between gRPC's context and the pipeline."""

    method: Method
    pipeline: Pipeline

    async def unary(self, body: bytes, context: _Context) -> bytes:
        async def answer(call: Call) -> bytes:
            response = await self.pipeline.unary(self.method, self._read(body, call), call)
            return response.SerializeToString()

        return await self._outermost(context, answer)

    async def stream(self, body: bytes, context: _Context) -> None:
        async def answer(call: Call) -> None:
            async with aclosing(self.pipeline.stream(self.method, self._read(body, call), call)) as responses:
                async for response in responses:
                    await _write(context, response.SerializeToString(), call)

        await self._outermost(context, answer)

    def _read(self, body: bytes, call: Call) -> Message:
        try:
            return self.method.request_class.FromString(body)
        except DecodeError as error:
            name = self.method.request_class.DESCRIPTOR.full_name
            violation = FieldViolation(field="", description=f"the message must be an encoded {name}")
            raise self.pipeline.refuse(call, InvalidRequestError(violation)) from error

    async def _outermost(self, context: _Context, answer: Callable[[Call], Awaitable[_T]]) -> _T:
        """The one place where a call is aborted.

        What another exception says would reach the client, so none may pass. CancelledError does: it comes here only
        because the client has left.
        """
        call = _arrived(self.method, self.pipeline, context)
        context.set_trailing_metadata(((REQUEST_ID, call.request_id),))
        try:
            return await answer(call)
        except Failure as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - see above
            failure = self.pipeline.refuse(call, error)
        return await _abort(context, failure, call)


def _arrived(method: Method, pipeline: Pipeline, context: _Context) -> Call:
    given = dict(context.invocation_metadata() or ()).get(REQUEST_ID)
    return pipeline.call(
        method,
        transport="grpc",
        request_id=given if isinstance(given, str) else None,
        timeout=context.time_remaining(),
    )


async def _write(context: _Context, body: bytes, call: Call) -> None:
    """Send an item, waiting for the reader no longer than until the call's deadline.

    Raises:
        Failure: the reader did not read it in time.
        CancelledError: there is no reader any more; gRPC, too, cancels the call.
    """
    try:
        async with call.clock.timeout_at(call.deadline):
            await context.write(body)
    except grpc.aio.InternalError as error:
        # So fails a write that is under way when the client leaves. What is left is nobody's to be told.
        raise asyncio.CancelledError from error
    except TimeoutError as error:
        raise to_failure(DeadlineExceededError("the stream was not read in time"), call.request_id) from error


async def _abort(context: _Context, failure: Failure, call: Call) -> NoReturn:
    status: grpc.Status = rpc_status.to_status(failure.status)  # type: ignore[no-untyped-call]  # its stubs say less
    details = status.trailing_metadata or ()
    await context.abort(failure.code, failure.status.message, (*details, (REQUEST_ID, call.request_id)))
