"""Handlers for every RPC of the contract, without a line per RPC."""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from functools import partial
from typing import Any, NoReturn

import grpc
from google.protobuf.message import DecodeError, Message
from grpc_status import rpc_status

from adapters.timeout import Timeout
from gateway.contract import Contract, Method
from gateway.pipeline import Call, Failure, Pipeline, Reply, to_failure
from gateway.pipeline.cancellation import is_being_cancelled
from gateway.pipeline.errors import DeadlineExceededError, FieldViolation, InvalidRequestError

REQUEST_ID = "x-request-id"
SERVER_TIMING = "server-timing"
AGE = "age"

_Context = grpc.aio.ServicerContext[bytes, bytes]


class _ReaderLeftError(Exception):
    """There is nobody any more to whom a stream could be sent."""


class Handlers(grpc.GenericRpcHandler):
    """Finds the handler of each call. They pass bytes: messages are read and written here, where errors are mapped."""

    def __init__(self, contract: Contract, pipeline: Pipeline) -> None:
        """Serve all methods of the contract."""
        self._fronts = {method.path: _Front(method, pipeline) for method in contract.methods}

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> "grpc.RpcMethodHandler[bytes, bytes] | None":
        """The handler of a call, which knows the caller's request id; None where the method is not one of ours.

        The metadata is at hand here. The context reads it anew when it is asked, which costs 2 % of a call.
        """
        front = self._fronts.get(handler_call_details.method)
        if front is None:
            return None
        for key, value in handler_call_details.invocation_metadata:
            if key == REQUEST_ID and isinstance(value, str):
                return front.handler(value)
        return front.anonymous


class _Front:
    """One RPC, between gRPC's context and the pipeline."""

    def __init__(self, method: Method, pipeline: Pipeline) -> None:
        self._method = method
        self._pipeline = pipeline
        self._meter = pipeline.telemetry.grpc.of(method.path)
        self.anonymous = self._handler(self.stream if method.streaming else self.unary)
        """Serves calls without a request id."""

    def handler(self, request_id: str) -> "grpc.RpcMethodHandler[bytes, bytes]":
        """Serves a call with this request id of its caller's."""
        return self._handler(partial(self.stream if self._method.streaming else self.unary, request_id=request_id))

    def _handler(self, behavior: Callable[..., Any]) -> "grpc.RpcMethodHandler[bytes, bytes]":
        # gRPC asks at each call whether it is an `async def`. It sees through a partial, in twice the time, and not
        # through an object with `__call__`.
        if self._method.streaming:
            return grpc.unary_stream_rpc_method_handler(behavior)
        return grpc.unary_unary_rpc_method_handler(behavior)

    async def unary(self, body: bytes, context: _Context, request_id: str | None = None) -> bytes:
        """Answer a call of a method that is not streaming."""
        call = self._arrived(request_id)
        try:
            reply = self._pipeline.at_hand(self._method, body, call)
            if reply is None:
                self._pipeline.limit(call, context.time_remaining())
                reply = await self._pipeline.spelled(self._method, body, partial(self._read, body), call)
            encoded = reply.encoded("proto", _encode)
            context.set_trailing_metadata(_trailers(call, reply))
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the outermost place
            await self._end(error, call, context, received=len(body), sent=0)
        self._count("OK", call, received=len(body), sent=len(encoded))
        return encoded

    async def stream(self, body: bytes, context: _Context, request_id: str | None = None) -> None:
        """Answer a call of a streaming method."""
        call = self._arrived(request_id)
        self._pipeline.limit(call, context.time_remaining())
        sent = 0
        context.set_trailing_metadata(((REQUEST_ID, call.request_id),))
        try:
            with self._pipeline.reading(call):
                request = self._read(body)
            async with aclosing(self._pipeline.stream(self._method, request, call)) as responses:
                async for response in responses:
                    encoded = _encode(response)
                    sent += len(encoded)
                    await _write(context, encoded, call)
        except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - the outermost place
            await self._end(error, call, context, received=len(body), sent=sent)
        self._count("OK", call, received=len(body), sent=sent)

    def _arrived(self, request_id: str | None) -> Call:
        self._meter.started()
        return self._pipeline.call(self._method, transport="grpc", request_id=request_id)

    def _read(self, body: bytes) -> Message:
        try:
            return self._method.request_class.FromString(body)
        except DecodeError as error:
            name = self._method.request_class.DESCRIPTOR.full_name
            violation = FieldViolation(field="", description=f"the message must be an encoded {name}")
            raise InvalidRequestError(violation) from error

    async def _end(self, error: BaseException, call: Call, context: _Context, *, received: int, sent: int) -> NoReturn:
        """End a call that raised something: the one place where a call is aborted.

        What another exception says would reach the client, so none may pass. CancelledError does where the client has
        left; any other would send nothing at all, and let the client wait for ever.
        """
        left = isinstance(error, _ReaderLeftError) or (
            isinstance(error, asyncio.CancelledError) and is_being_cancelled()
        )
        if left:
            self._count("DEADLINE_EXCEEDED" if call.is_over() else "CANCELLED", call, received=received, sent=sent)
            raise asyncio.CancelledError from error
        failure = error if isinstance(error, Failure) else self._pipeline.refuse(call, error)
        self._count(failure.code.name, call, received=received, sent=sent)
        await _abort(context, failure, call)

    def _count(self, status: str, call: Call, *, received: int, sent: int) -> None:
        self._meter.ended(status, call.clock.monotonic() - call.started, received=received, sent=sent)


def _encode(message: Message) -> bytes:
    return message.SerializeToString()


def _trailers(call: Call, reply: Reply) -> tuple[tuple[str, str], ...]:
    """What is told of the call itself, which no body tells: bodies are shared."""
    now = call.clock.monotonic()
    age = reply.age(now)
    told = ((REQUEST_ID, call.request_id), (SERVER_TIMING, call.server_timing(now)))
    return told if age is None else (*told, (AGE, str(age)))


async def _write(context: _Context, body: bytes, call: Call) -> None:
    """Send an item, waiting for the reader no longer than until the call's deadline.

    Raises:
        Failure: the reader did not read it in time.
        _ReaderLeftError: there is no reader any more.
    """
    try:
        with Timeout(call.clock, call.deadline):
            await context.write(body)
    except grpc.aio.InternalError as error:
        # So fails a write that is under way when the client leaves. What is left is nobody's to be told.
        raise _ReaderLeftError from error
    except TimeoutError as error:
        raise to_failure(DeadlineExceededError("the stream was not read in time"), call.request_id) from error


async def _abort(context: _Context, failure: Failure, call: Call) -> NoReturn:
    status: grpc.Status = rpc_status.to_status(failure.status)  # type: ignore[no-untyped-call]  # its stubs say less
    told = [(REQUEST_ID, call.request_id)]
    if not call.streaming:
        told.append((SERVER_TIMING, call.server_timing(call.clock.monotonic())))
    await context.abort(failure.code, failure.status.message, (*(status.trailing_metadata or ()), *told))
