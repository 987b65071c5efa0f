"""The one way from a front to a service, for every call of either transport."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any, Literal

from google.protobuf.message import Message

from adapters.clock import Clock
from gateway.contract import Contract, Method
from gateway.pipeline.call import Call
from gateway.pipeline.deadline import DeadlinePolicy
from gateway.pipeline.errors import (
    CallCancelledError,
    CallError,
    DeadlineExceededError,
    Failure,
    InternalError,
    ShuttingDownError,
    to_call_error,
    to_failure,
)
from gateway.pipeline.request_id import request_id as accept_request_id
from gateway.pipeline.telemetry import Telemetry
from gateway.pipeline.validation import RequestValidator, spell_masks_in_snake_case


class Pipeline:
    """Bounds, validates, runs and records calls.

    `unary` and `stream` raise nothing but `Failure`, and CancelledError where the task that runs the call was
    cancelled: then its client has left.
    """

    def __init__(
        self,
        contract: Contract,
        services: Mapping[str, object],
        *,
        clock: Clock,
        deadlines: DeadlinePolicy,
        telemetry: Telemetry,
    ) -> None:
        """Find every method of the contract in `services`, which holds each service under its full name.

        Raises:
            AttributeError, KeyError: a method has no implementation.
        """
        self._handlers: dict[str, Any] = {m.path: getattr(services[m.service], m.attribute) for m in contract.methods}
        self._validator = RequestValidator(method.request_class for method in contract.methods)
        self._clock = clock
        self._deadlines = deadlines
        self._telemetry = telemetry
        self._draining = False
        self._under_way = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def call(
        self,
        method: Method,
        *,
        transport: Literal["grpc", "rest"],
        request_id: str | None = None,
        timeout: float | None = None,
    ) -> Call:
        """A call that arrives now. `request_id` and `timeout`, in seconds, are the caller's, if it gave any."""
        started = self._clock.monotonic()
        return Call(
            method=method.name,
            transport=transport,
            request_id=accept_request_id(request_id),
            clock=self._clock,
            started=started,
            deadline=started + self._deadlines.allow(timeout, streaming=method.streaming),
        )

    async def unary(self, method: Method, request: Message, call: Call) -> Message:
        """The answer of a method that is not streaming."""
        with self._recorded(call):
            self._admit(request)
            async with self._clock.timeout_at(call.deadline):
                response: Message = await self._handlers[method.path](request, call)
                return response

    async def stream(self, method: Method, request: Message, call: Call) -> AsyncGenerator[Message]:
        """The answers of a streaming method. Close it (`aclosing`) to stop it."""
        with self._recorded(call):
            self._admit(request)
            async with aclosing(self._handlers[method.path](request, call)) as responses:
                while True:
                    # The deadline is set anew for each item: between two of them the consumer's code runs, in the same
                    # task, and a timeout that were still armed would strike there.
                    async with self._clock.timeout_at(call.deadline):
                        response: Message | None = await anext(responses, None)
                    if response is None:
                        return
                    yield response

    def refuse(self, call: Call, error: Exception) -> Failure:
        """Record a call that its front could not even read, and tell what to answer."""
        return self._failed(call, error)

    def drain(self) -> None:
        """Refuse calls from now on; those under way go on."""
        self._draining = True

    async def idle(self) -> None:
        """Wait until no call is under way."""
        await self._idle.wait()

    def _admit(self, request: Message) -> None:
        if self._draining:
            raise ShuttingDownError("the gateway is stopping; call again, and another instance will answer")
        spell_masks_in_snake_case(request)
        self._validator.check(request)

    @contextmanager
    def _recorded(self, call: Call) -> Iterator[None]:
        """Turn whatever is raised within into what `Pipeline` promises, and record how the call ended."""
        with self._telemetry.in_flight(call), self._counted():
            try:
                yield
            except GeneratorExit:
                self._telemetry.ended(call, self._why_cancelled(call))
                raise
            except asyncio.CancelledError as error:
                if _is_being_cancelled():
                    self._telemetry.ended(call, self._why_cancelled(call))
                    raise
                # Something that was awaited had been cancelled, not the call itself: it must be answered.
                raise self._failed(call, error) from error
            except Exception as error:
                raise self._failed(call, error) from error
            else:
                self._telemetry.ended(call)

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._under_way += 1
        self._idle.clear()
        try:
            yield
        finally:
            self._under_way -= 1
            if self._under_way == 0:
                self._idle.set()

    def _why_cancelled(self, call: Call) -> CallError:
        """A front cancels a call when its client leaves, and gRPC also when its client's time is up."""
        if self._clock.monotonic() >= call.deadline:
            return DeadlineExceededError("the client's time was up")
        return CallCancelledError("the client left")

    def _failed(self, call: Call, error: BaseException) -> Failure:
        told = to_call_error(error, call.request_id)
        if isinstance(told, InternalError):
            self._telemetry.fault(call.request_id, error)
        self._telemetry.ended(call, told)
        return to_failure(told, call.request_id)


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
