"""What a caller is told of a request that breaks the contract's rules."""

from collections.abc import Sequence
from typing import Any

import pytest
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from buf.validate import validate_pb2
from gateway.pipeline.errors import FieldViolation, InvalidRequestError
from gateway.pipeline.validation import RequestValidator, spell_masks_in_snake_case
from tests.gateway.pipeline.fakes import CONTRACT
from unified.analytics.v1 import annotations_pb2
from unified.analytics.v1.analytics_service_pb2 import (
    GetOverviewRequest,
    ListEventsRequest,
    ListMetricsRequest,
    QueryRankingRequest,
)

# protoc types an extension as a plain FieldDescriptor, which the types of `Extensions` do not accept.
RULES: Any = validate_pb2.field
PERSONAL_DATA: Any = annotations_pb2.personal_data

VALIDATOR = RequestValidator(method.request_class for method in CONTRACT.methods)


def violations(request: Message) -> Sequence[FieldViolation]:
    with pytest.raises(InvalidRequestError) as caught:
        VALIDATOR.check(request)
    return caught.value.violations


def test_a_valid_request_passes() -> None:
    VALIDATOR.check(ListMetricsRequest(sources=["crm", "ai"], metrics=["zylon.projects"]))


def test_a_number_out_of_range_is_named_with_its_range_and_value() -> None:
    (found,) = violations(ListEventsRequest(page_size=5000))

    assert "page_size" == found.field
    assert "must be greater than or equal to 0 and less than or equal to 1000, not 5000" == found.description


def test_an_element_of_a_list_is_named_with_its_index() -> None:
    (found,) = violations(ListMetricsRequest(sources=["crm", "Crm"]))

    assert "sources[1]" == found.field
    assert found.description.endswith("not 'Crm'")


def test_an_enum_value_that_does_not_exist_is_told_those_that_do() -> None:
    (found,) = violations(ListMetricsRequest(freshness=77))  # type: ignore[arg-type]  # what other languages can send

    assert "freshness" == found.field
    assert "FRESHNESS_CACHED" in found.description
    assert found.description.endswith("not 77")


def test_a_list_that_is_too_long_is_told_its_length() -> None:
    found = violations(ListMetricsRequest(sources=[f"s{number}" for number in range(65)]))

    assert [("sources", "must contain no more than 64 item(s), not 65")] == [(v.field, v.description) for v in found]


def test_a_text_that_is_too_long_is_told_its_length_not_its_content() -> None:
    (found,) = violations(ListEventsRequest(page_token="e" * 5000))

    assert "must be at most 4096 characters, not 5000" == found.description


def test_a_missing_text_is_told_so() -> None:
    (found,) = violations(QueryRankingRequest())

    assert "ranking" == found.field


def test_a_rule_about_two_fields_names_the_first() -> None:
    request = ListMetricsRequest()
    request.start_time.FromJsonString("2026-01-02T00:00:00Z")
    request.end_time.FromJsonString("2026-01-01T00:00:00Z")

    (found,) = violations(request)

    assert ("start_time", "must lie before end_time") == (found.field, found.description)


def test_a_negative_duration_is_shown_as_json_shows_it() -> None:
    request = ListMetricsRequest()
    request.max_age.seconds = -4

    (found,) = violations(request)

    assert "max_age" == found.field
    assert found.description.endswith("not '-4s'")


@pytest.mark.parametrize(("seconds", "nanos"), [(10**15, 0), (-5, 5)])
def test_a_duration_for_which_json_has_no_form_is_shown_as_it_is(seconds: int, nanos: int) -> None:
    (found,) = violations(ListMetricsRequest(max_age=Duration(seconds=seconds, nanos=nanos)))

    assert found.description.endswith(f"not '{seconds} seconds and {nanos} nanoseconds'")


@pytest.mark.parametrize("path", ["metrics_", "a__b", "a_1", "É"])
def test_a_mask_for_which_json_has_no_form_is_shown_as_it_is(path: str) -> None:
    (found,) = violations(GetOverviewRequest(read_mask={"paths": [path]}))

    assert found.description.endswith(f"not {path!r}")


def test_a_mask_that_names_what_is_not_there_is_shown() -> None:
    (found,) = violations(GetOverviewRequest(read_mask={"paths": ["metrics", "nothing"]}))

    assert "read_mask" == found.field
    assert "time_series" in found.description
    assert found.description.endswith("not 'metrics,nothing'")


def test_personal_values_are_never_repeated() -> None:
    found = violations(ListEventsRequest(user_ids=["u-secret" * 100, "u-secret" * 100]))

    assert found
    assert "u-secret" not in str(found)


def test_a_value_that_the_contract_marks_as_personal_is_not_repeated_whatever_the_rule() -> None:
    (found,) = violations(message_with_a_personal_field()(name="u-secret"))

    assert ("name", "does not match regex pattern `^x$`") == (found.field, found.description)


def message_with_a_personal_field() -> type[Message]:
    """A message of a contract that has what ours has not: a personal field whose value a rule would repeat."""
    file = FileDescriptorProto(name="tests/personal.proto", package="tests.personal", syntax="proto3")
    file.dependency.extend(["buf/validate/validate.proto", "unified/analytics/v1/annotations.proto"])
    field = file.message_type.add(name="Personal").field.add(
        name="name", number=1, type=FieldDescriptorProto.TYPE_STRING, label=FieldDescriptorProto.LABEL_OPTIONAL
    )
    field.options.Extensions[PERSONAL_DATA] = annotations_pb2.PERSONAL_DATA_IDENTITY
    field.options.Extensions[RULES].string.pattern = "^x$"
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("tests.personal.Personal"))


def test_a_long_value_is_shortened() -> None:
    (found,) = violations(ListMetricsRequest(metrics=["B" * 100]))

    assert "metrics[0]" == found.field
    assert len(found.description) < 200


def test_of_many_violations_the_first_are_told() -> None:
    assert 32 == len(violations(ListMetricsRequest(sources=["A"] * 500)))


def test_of_a_large_request_the_first_violation_is_told() -> None:
    """To tell all would take seconds, in which nobody else is served."""
    (found,) = violations(ListMetricsRequest(sources=["A"] * 10_000))

    assert ("sources", "must contain no more than 64 item(s), not 10000") == (found.field, found.description)


def test_masks_may_be_spelled_as_in_json() -> None:
    request = GetOverviewRequest(read_mask={"paths": ["timeSeries", "metrics"]})

    spell_masks_in_snake_case(request)

    VALIDATOR.check(request)
    assert ["time_series", "metrics"] == request.read_mask.paths
