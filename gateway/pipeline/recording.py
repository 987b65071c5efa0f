"""How a call is run so that whatever becomes of it is counted, logged and told in one way."""

import asyncio

from gateway.pipeline.admission import Admission
from gateway.pipeline.call import Call
from gateway.pipeline.cancellation import is_being_cancelled
from gateway.pipeline.errors import (
    CallCancelledError,
    CallError,
    DeadlineExceededError,
    Failure,
    InternalError,
    to_call_error,
    to_failure,
)
from gateway.pipeline.telemetry import Telemetry


class Recording:
    """Runs a call in one of the places, turns what it raises into `Failure`, and records how it ended.

    What passes as it is: that the call's own task was cancelled, and that its stream was closed. No generator with a
    decorator: a call that asks little would spend a good part of its time in there.
    """

    __slots__ = ("_admission", "_call", "_in_flight", "_telemetry")

    def __init__(self, call: Call, admission: Admission, telemetry: Telemetry) -> None:
        """For this call. Enter it once."""
        self._call = call
        self._admission = admission
        self._telemetry = telemetry
        self._in_flight = telemetry.in_flight(call)

    def __enter__(self) -> None:
        """Take a place.

        Raises:
            Failure: no more calls are taken.
        """
        try:
            self._admission.enter()
        except CallError as error:
            raise failed(self._call, error, self._telemetry) from error
        self._in_flight.value += 1

    def __exit__(self, _kind: object, error: BaseException | None, _traceback: object) -> None:
        """Leave the place, and record."""
        self._in_flight.value -= 1
        self._admission.leave()
        if error is None:
            self._telemetry.ended(self._call)
        elif isinstance(error, GeneratorExit) or (isinstance(error, asyncio.CancelledError) and is_being_cancelled()):
            self._telemetry.ended(self._call, _why_cancelled(self._call))
        elif isinstance(error, (Exception, asyncio.CancelledError)):
            # A CancelledError of something that was awaited, not of the call itself: it must be answered.
            raise failed(self._call, error, self._telemetry) from error


def failed(call: Call, error: BaseException, telemetry: Telemetry) -> Failure:
    """Record a call that ended by what was raised, and tell what to answer."""
    told = to_call_error(error, call.request_id)
    if isinstance(told, InternalError):
        telemetry.fault(call.request_id, error)
    telemetry.ended(call, told)
    return to_failure(told, call.request_id)


def _why_cancelled(call: Call) -> CallError:
    """A front cancels a call when its client leaves, and gRPC also when its client's time is up."""
    if call.is_over():
        return DeadlineExceededError("the client's time was up")
    return CallCancelledError("the client left")
