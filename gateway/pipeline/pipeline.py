"""The one way from a front to a service, for every call of either transport."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, contextmanager
from typing import Any, Literal

from google.protobuf.message import Message

from adapters.clock import Clock
from adapters.timeout import Timeout
from gateway.contract import Contract, Method
from gateway.pipeline.admission import Admission
from gateway.pipeline.answers import Answers, Reply, Spelling
from gateway.pipeline.call import Call
from gateway.pipeline.cancellation import is_being_cancelled
from gateway.pipeline.deadline import DeadlinePolicy
from gateway.pipeline.errors import CallError, Failure
from gateway.pipeline.known import KnownRequests
from gateway.pipeline.recording import Recording, failed
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
        self._known = KnownRequests()

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

    def limit(self, call: Call, timeout: float | None) -> None:
        """Give a call that has just arrived the time that its caller named, in seconds; None: it named none.

        For a front that takes time to learn it: an answer at hand needs none.
        """
        call.deadline = call.started + self._deadlines.allow(timeout, streaming=call.streaming)

    def at_hand(self, method: Method, spelling: Spelling, call: Call) -> Reply | None:
        """The answer to a request that was sent so before, if it may still be given: it was validated then.

        It is recorded as any call; where there is none, nothing is. It never blocks, holds nothing, and costs less than
        a refusal: it is given also when no more calls are taken for being too many.
        """
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
        try:
            self._admission.enter()
        except CallError as error:
            raise failed(call, error, self.telemetry) from error
        try:
            yield
        finally:
            self._admission.leave()

    async def unary(self, method: Method, request: Message, call: Call) -> Reply:
        """The answer of a method that is not streaming."""
        with self._recorded(call):
            return await self._answer(method, self._valid(request), call, None)

    async def spelled(self, method: Method, spelling: Spelling, read: Callable[[], Message], call: Call) -> Reply:
        """The same for a request as it was sent. The answer is at hand for this spelling while it may be.

        `read` makes the message of it. Where it was read before, and found valid, it is not read again.
        """
        with self._recorded(call):
            request = self._known.get(method.path, spelling)
            if request is None:
                request = self._valid(read())
                self._known.add(method.path, spelling, request)
            return await self._answer(method, request, call, spelling)

    async def stream(self, method: Method, request: Message, call: Call) -> AsyncGenerator[Message]:
        """The answers of a streaming method. Close it (`aclosing`) to stop it."""
        with self._recorded(call):
            self._check(request)
            async with aclosing(self._handlers[method.path](request, call)) as responses:
                while True:
                    # The deadline is set anew for each item: between two of them the consumer's code runs, in the same
                    # task, and a timeout that were still armed would strike there.
                    with Timeout(self._clock, call.deadline):
                        response: Message | None = await anext(responses, None)
                    if response is None:
                        return
                    yield response

    def refuse(self, call: Call, error: BaseException) -> Failure:
        """Record a call that its front could not even read, and tell what to answer."""
        return failed(call, error, self.telemetry)

    async def idle(self) -> None:
        """Wait until no call is under way."""
        await self._admission.idle()

    async def _answer(self, method: Method, request: bytes, call: Call, spelling: Spelling | None) -> Reply:
        """What answers a valid request. The service gets a message of its own, which it may change."""
        reply = self._answers.to(method.path, request, self._clock.monotonic(), spelling)
        if reply is not None:
            _repeat(reply, call)
            return reply
        reply = await self._asked(method, method.request_class.FromString(request), call)
        return self._answers.keep(method.path, request, reply, self._clock.monotonic(), spelling)

    async def _asked(self, method: Method, request: Message, call: Call) -> Reply:
        with Timeout(self._clock, call.deadline):
            message: Message = await self._handlers[method.path](request, call)
        if is_being_cancelled():
            # Swallowed on the way. An answer that is sent to nobody would never be let go of by gRPC.
            raise asyncio.CancelledError
        return Reply(message=message, outcomes=call.outcomes, shelf=call.shelf)

    def _tally(self, reply: Reply) -> Tally:
        return self.telemetry.tally(reply.outcomes)

    def _valid(self, request: Message) -> bytes:
        """The request's one deterministic encoding.

        Raises:
            InvalidRequestError: it breaks a rule.
        """
        self._check(request)
        return request.SerializeToString(deterministic=True)

    def _check(self, request: Message) -> None:
        spell_masks_in_snake_case(request)
        self._validator.check(request)

    def _recorded(self, call: Call) -> Recording:
        return Recording(call, self._admission, self.telemetry)


def _repeat(reply: Reply, call: Call) -> None:
    """Give the call what another got before."""
    call.outcomes = reply.outcomes
    call.shelf = reply.shelf
    call.repeated = True
