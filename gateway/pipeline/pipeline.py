"""The one way from a front to a service, for every call of either transport."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import ExitStack, aclosing, contextmanager
from typing import Any, Literal

from google.protobuf.message import Message

from adapters.clock import Clock
from gateway.contract import Contract, Method
from gateway.pipeline.admission import Admission
from gateway.pipeline.answers import Answers, Reply, Spelling
from gateway.pipeline.call import Call
from gateway.pipeline.cancellation import is_being_cancelled
from gateway.pipeline.deadline import DeadlinePolicy
from gateway.pipeline.errors import (
    CallCancelledError,
    CallError,
    DeadlineExceededError,
    Failure,
    InternalError,
    to_call_error,
    to_failure,
)
from gateway.pipeline.request_id import request_id as accept_request_id
from gateway.pipeline.telemetry import Telemetry
from gateway.pipeline.telemetry.calls import Tally
from gateway.pipeline.validation import RequestValidator, spell_masks_in_snake_case

MOST_CALLS = 1000
"""Calls under way at once, unless it is told otherwise."""


class Pipeline:
    """Bounds, validates, runs and records calls.

    `unary` and `stream` raise nothing but `Failure`, and CancelledError where the task that runs the call was
    cancelled: then its client has left.
    """

    def __init__(  # noqa: PLR0913 - what the composition root makes a pipeline of, each by its name
        self,
        contract: Contract,
        services: Mapping[str, object],
        *,
        clock: Clock,
        deadlines: DeadlinePolicy,
        telemetry: Telemetry,
        max_calls: int = MOST_CALLS,
        answers: Answers | None = None,
    ) -> None:
        """Find every method of the contract in `services`, which holds each service under its full name.

        At most `max_calls` are under way at once, streams included. `answers` are those that are given again.

        Raises:
            AttributeError, KeyError: a method has no implementation.
        """
        self._handlers: dict[str, Any] = {m.path: getattr(services[m.service], m.attribute) for m in contract.methods}
        self._validator = RequestValidator(method.request_class for method in contract.methods)
        self._clock = clock
        self._deadlines = deadlines
        self.telemetry = telemetry
        self._admission = Admission(max_calls)
        self._answers = Answers() if answers is None else answers

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
            streaming=method.streaming,
        )

    def at_hand(self, method: Method, spelling: Spelling, call: Call) -> Reply | None:
        """The answer to a request that was sent so before, if it may still be given: it was validated then.

        It is recorded as any call; where there is none, nothing is. It never blocks, holds nothing, and costs less than
        a refusal: it is given also when no more calls are taken for being too many.
        """
        if self._admission.draining:
            return None
        reply = self._answers.spelled(method.path, spelling, self._clock.monotonic())
        if reply is not None:
            _repeat(reply, call)
            self.telemetry.ended(call, tally=reply.once("tally", self._tally))
        return reply

    @contextmanager
    def reading(self, call: Call) -> Iterator[None]:
        """Let in a call whose front has yet to read it. What is raised within passes as it is, and is not recorded.

        Raises:
            Failure: no more calls are taken.
        """
        with ExitStack() as stack:
            try:
                stack.enter_context(self._admission.place())
            except CallError as error:
                raise self._failed(call, error) from error
            yield

    async def unary(self, method: Method, request: Message, call: Call, spelling: Spelling | None = None) -> Reply:
        """The answer of a method that is not streaming. It is at hand for the same spelling while it may be."""
        with self._recorded(call):
            self._check(request)
            key = request.SerializeToString(deterministic=True)
            reply = self._answers.to(method.path, key, self._clock.monotonic(), spelling)
            if reply is None:
                reply = await self._asked(method, request, call)
                return self._answers.keep(method.path, key, reply, self._clock.monotonic(), spelling)
            _repeat(reply, call)
            return reply

    async def stream(self, method: Method, request: Message, call: Call) -> AsyncGenerator[Message]:
        """The answers of a streaming method. Close it (`aclosing`) to stop it."""
        with self._recorded(call):
            self._check(request)
            async with aclosing(self._handlers[method.path](request, call)) as responses:
                while True:
                    # The deadline is set anew for each item: between two of them the consumer's code runs, in the same
                    # task, and a timeout that were still armed would strike there.
                    async with self._clock.timeout_at(call.deadline):
                        response: Message | None = await anext(responses, None)
                    if response is None:
                        return
                    yield response

    def refuse(self, call: Call, error: BaseException) -> Failure:
        """Record a call that its front could not even read, and tell what to answer."""
        return self._failed(call, error)

    def drain(self) -> None:
        """Refuse calls from now on; those under way go on."""
        self._admission.drain()

    async def idle(self) -> None:
        """Wait until no call is under way."""
        await self._admission.idle()

    async def _asked(self, method: Method, request: Message, call: Call) -> Reply:
        async with self._clock.timeout_at(call.deadline):
            message: Message = await self._handlers[method.path](request, call)
        if is_being_cancelled():
            # Swallowed on the way. An answer that is sent to nobody would never be let go of by gRPC.
            raise asyncio.CancelledError
        return Reply(message=message, outcomes=call.outcomes, shelf=call.shelf)

    def _tally(self, reply: Reply) -> Tally:
        return self.telemetry.tally(reply.outcomes)

    def _check(self, request: Message) -> None:
        spell_masks_in_snake_case(request)
        self._validator.check(request)

    @contextmanager
    def _recorded(self, call: Call) -> Iterator[None]:
        """Turn whatever is raised within into what `Pipeline` promises, and record how the call ended."""
        with self.telemetry.in_flight(call):
            try:
                with self._admission.place():
                    yield
            except GeneratorExit:
                self.telemetry.ended(call, self._why_cancelled(call))
                raise
            except asyncio.CancelledError as error:
                if is_being_cancelled():
                    self.telemetry.ended(call, self._why_cancelled(call))
                    raise
                # Something that was awaited had been cancelled, not the call itself: it must be answered.
                raise self._failed(call, error) from error
            except Exception as error:
                raise self._failed(call, error) from error
            else:
                self.telemetry.ended(call)

    def _why_cancelled(self, call: Call) -> CallError:
        """A front cancels a call when its client leaves, and gRPC also when its client's time is up."""
        if call.is_over():
            return DeadlineExceededError("the client's time was up")
        return CallCancelledError("the client left")

    def _failed(self, call: Call, error: BaseException) -> Failure:
        told = to_call_error(error, call.request_id)
        if isinstance(told, InternalError):
            self.telemetry.fault(call.request_id, error)
        self.telemetry.ended(call, told)
        return to_failure(told, call.request_id)


def _repeat(reply: Reply, call: Call) -> None:
    """Give the call what another got before."""
    call.outcomes = reply.outcomes
    call.shelf = reply.shelf
    call.repeated = True
