"""What every call passes, whichever transport it came by."""

from gateway.pipeline.answers import Answers, Reply
from gateway.pipeline.call import Call
from gateway.pipeline.deadline import DeadlinePolicy
from gateway.pipeline.errors import CallError, Failure, to_failure
from gateway.pipeline.pipeline import Pipeline
from gateway.pipeline.telemetry import Telemetry

__all__ = [
    "Answers",
    "Call",
    "CallError",
    "DeadlinePolicy",
    "Failure",
    "Pipeline",
    "Reply",
    "Telemetry",
    "to_failure",
]
