"""The one table from errors to statuses, and that a status always fits."""

import importlib
import pkgutil
from datetime import timedelta
from urllib.parse import quote

import grpc
import pytest
from google.protobuf.any_pb2 import Any
from google.protobuf.message import Message
from google.rpc.error_details_pb2 import BadRequest, ErrorInfo, RetryInfo
from google.rpc.status_pb2 import Status

import adapters
import gateway
from adapters.errors import RateLimitedError, SourceError
from gateway.pipeline.details import MOST_BYTES
from gateway.pipeline.errors import (
    CallError,
    FieldViolation,
    InvalidRequestError,
    NoSourceCanAnswerError,
    OverloadedError,
    SourcesFailedError,
    source_status,
    to_failure,
    to_status,
)
from unified.analytics.v1.error_reason_pb2 import ErrorReason
from unified.analytics.v1.outcome_pb2 import PART_METRICS, DriftWarning, SourceOutcome


def details(status: Status, kind: type[Message]) -> list[Any]:
    return [detail for detail in status.details if detail.TypeName() == kind.DESCRIPTOR.full_name]


def info_of(status: Status) -> ErrorInfo:
    info = ErrorInfo()
    assert status.details[0].Unpack(info)
    return info


def outcome(source: str, *, drift: int = 0, text: str = "down") -> SourceOutcome:
    return SourceOutcome(
        source=source,
        part=PART_METRICS,
        state=SourceOutcome.STATE_FAILED,
        status=Status(code=14, message=text),
        drift=[DriftWarning(field=f"field{number}" * 10, count=1) for number in range(drift)],
    )


def test_a_call_error_keeps_its_code_text_and_reason() -> None:
    failure = to_failure(NoSourceCanAnswerError("no source has events"), "id-1")

    assert grpc.StatusCode.FAILED_PRECONDITION == failure.code
    assert grpc.StatusCode.FAILED_PRECONDITION.value[0] == failure.status.code
    assert "no source has events" == failure.status.message
    assert ("NO_SOURCE_CAN_ANSWER", "analytics-gateway") == (
        info_of(failure.status).reason,
        info_of(failure.status).domain,
    )


def test_violations_ride_in_a_bad_request() -> None:
    status = to_status(InvalidRequestError(FieldViolation(field="limit", description="must be 1")), "id-1")

    bad = BadRequest()
    details(status, BadRequest)[0].Unpack(bad)
    assert [("limit", "must be 1")] == [(v.field, v.description) for v in bad.field_violations]


def test_a_timeout_is_an_exceeded_deadline() -> None:
    assert grpc.StatusCode.DEADLINE_EXCEEDED == to_failure(TimeoutError(), "id-1").code


def test_anything_unexpected_is_internal_and_tells_only_the_request_id() -> None:
    failure = to_failure(ValueError("hunter2"), "id-7")

    assert grpc.StatusCode.INTERNAL == failure.code
    assert "id-7" in failure.status.message
    assert "hunter2" not in str(failure.status)


def test_outcomes_ride_in_the_details_in_their_order() -> None:
    status = to_status(SourcesFailedError("all down", [outcome("ai"), outcome("crm")]), "id-1")

    found = []
    for detail in details(status, SourceOutcome):
        unpacked = SourceOutcome()
        detail.Unpack(unpacked)
        found.append(unpacked.source)
    assert ["ai", "crm"] == found


def test_the_longest_wait_that_an_upstream_asks_for_is_passed_on() -> None:
    outcomes = [outcome("ai"), outcome("crm"), outcome("docs")]
    for which, seconds in ((0, 3), (1, 30)):
        error = RateLimitedError("too often", retry_after=timedelta(seconds=seconds))
        outcomes[which].status.CopyFrom(source_status(error, source=outcomes[which].source, kind="zylon"))

    status = to_status(SourcesFailedError("all down", outcomes), "id-1")

    retry = RetryInfo()
    details(status, RetryInfo)[0].Unpack(retry)
    assert 30 == retry.retry_delay.seconds


def test_an_error_that_an_adapter_derives_has_the_code_of_its_kind() -> None:
    class QuotaSpentError(RateLimitedError):
        """An extension's own word for it."""

    status = source_status(QuotaSpentError("Spent."), source="wiki", kind="mosswiki")

    assert grpc.StatusCode.RESOURCE_EXHAUSTED.value[0] == status.code


def test_a_large_status_loses_drift_first() -> None:
    outcomes = [outcome(f"s{number}", drift=20) for number in range(4)]

    status = to_status(SourcesFailedError("all down", outcomes), "id-1")

    assert 4 == len(details(status, SourceOutcome))
    assert b"field1" not in status.SerializeToString()
    assert status.ByteSize() <= MOST_BYTES


def test_a_status_that_fits_keeps_its_drift() -> None:
    status = to_status(SourcesFailedError("all down", [outcome("ai", drift=2)]), "id-1")

    assert b"field1" in status.SerializeToString()


def test_then_it_loses_the_last_outcomes_and_says_how_many() -> None:
    outcomes = [outcome(f"s{number}", text="x" * 300) for number in range(40)]

    status = to_status(SourcesFailedError("all down", outcomes), "id-1")

    kept = len(details(status, SourceOutcome))
    first = SourceOutcome()
    details(status, SourceOutcome)[0].Unpack(first)
    assert 0 < kept < 40
    assert str(40 - kept) == info_of(status).metadata["omitted_outcomes"]
    assert "s0" == first.source
    assert status.ByteSize() <= MOST_BYTES


@pytest.mark.parametrize("letter", ["x", "ü", "😀"])
def test_a_status_with_too_many_violations_and_too_long_a_text_fits_in_grpcs_headers(letter: str) -> None:
    violations = [FieldViolation(field=f"f{number}", description=letter * 100) for number in range(200)]

    status = to_status(InvalidRequestError(*violations), "id-1")

    assert status.ByteSize() <= MOST_BYTES
    assert status.ByteSize() * 4 / 3 + len(quote(status.message)) < 8192 - 1024
    assert int(info_of(status).metadata["omitted_violations"]) > 0


def test_being_full_says_when_to_come_back() -> None:
    assert details(to_status(OverloadedError("full"), "id-1"), RetryInfo)


def reasons_raised() -> set[str]:
    """The reasons of all errors in all modules."""
    for package in (adapters, gateway):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    found = subclasses(CallError) | subclasses(SourceError)
    return {error.reason for error in found if hasattr(error, "reason")}


def subclasses(root: type[CallError | SourceError]) -> set[type[CallError | SourceError]]:
    """It and all below it, but for those of tests."""
    ours = (child for child in root.__subclasses__() if not child.__module__.startswith("tests."))
    return {root}.union(*(subclasses(child) for child in ours))


def test_every_reason_raised_is_in_the_contract_and_every_reason_of_the_contract_is_raised() -> None:
    contract = {name.removeprefix("ERROR_REASON_") for name in ErrorReason.keys()} - {"UNSPECIFIED"}  # noqa: SIM118 - no dict

    assert contract == reasons_raised()
