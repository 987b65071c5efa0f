"""The contract, as everything that is generic reads it."""

from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from gateway.contract import PACKAGE, is_embedded_json, is_personal, load_contract

CONTRACT = load_contract()


def test_every_method_knows_its_messages_path_and_attribute() -> None:
    method = next(method for method in CONTRACT.methods if method.name == "ListMetricDescriptors")

    assert f"/{PACKAGE}.AnalyticsService/ListMetricDescriptors" == method.path
    assert "list_metric_descriptors" == method.attribute
    assert f"{PACKAGE}.ListMetricDescriptorsRequest" == method.request_class.DESCRIPTOR.full_name
    assert f"{PACKAGE}.ListMetricDescriptorsResponse" == method.response_class.DESCRIPTOR.full_name


def test_methods_stand_in_the_order_of_the_proto_files() -> None:
    assert "GetOverview" == CONTRACT.methods[0].name
    assert "CheckSource" == CONTRACT.methods[-1].name


def test_only_stream_events_streams() -> None:
    assert ["StreamEvents"] == [method.name for method in CONTRACT.methods if method.streaming]


def test_only_check_source_has_side_effects() -> None:
    assert ["CheckSource"] == [method.name for method in CONTRACT.methods if not method.idempotent]


def test_additional_bindings_stand_behind_the_main_rule() -> None:
    method = next(method for method in CONTRACT.methods if method.name == "ListEvents")

    assert ["get", "post"] == [rule.WhichOneof("pattern") for rule in method.http]


def test_comments_are_found_by_full_name_and_unwrapped() -> None:
    assert CONTRACT.comment(f"{PACKAGE}.EventOrder") == "The order of events in time."
    assert CONTRACT.comment(f"{PACKAGE}.EVENT_ORDER_OLDEST_FIRST") == "Oldest first. Fluid Topics: `oldestFirst`."
    assert CONTRACT.comment(f"{PACKAGE}.EventCount.source") == "Id of the source."
    assert CONTRACT.comment(f"{PACKAGE}.License.STATE_LAPSED") == "The grace date has come."
    assert "\n" not in CONTRACT.comment(f"{PACKAGE}.AnalyticsService.ListEvents")


def test_paragraphs_of_a_comment_stay_apart() -> None:
    assert "\n\n" in CONTRACT.comment(f"{PACKAGE}.SourceOutcome")


def test_what_does_not_exist_has_no_comment() -> None:
    assert not CONTRACT.comment(f"{PACKAGE}.Nothing")


def test_every_message_field_method_and_enum_value_has_a_comment() -> None:
    """The walk over the descriptors reaches everything: a path read wrongly would lose comments."""
    pool = descriptor_pool.Default()
    messages = [pool.FindMessageTypeByName(f"{PACKAGE}.{m.name}") for f in own_files() for m in f.message_type]
    enums = [pool.FindEnumTypeByName(f"{PACKAGE}.{enum.name}") for f in own_files() for enum in f.enum_type]
    enums += [enum for message in messages for enum in message.enum_types]
    names = [message.full_name for message in messages]
    names += [field.full_name for message in messages for field in message.fields]
    names += [enum.full_name for enum in enums]
    names += [f"{enum.full_name.rpartition('.')[0]}.{value.name}" for enum in enums for value in enum.values]
    names += [method.descriptor.full_name for method in CONTRACT.methods]

    assert [] == [name for name in names if not CONTRACT.comment(name)]


def own_files() -> list[FileDescriptorProto]:
    return [file for file in CONTRACT.file_set.file if file.package == PACKAGE]


def test_marks_are_read_from_the_contract() -> None:
    event = descriptor_pool.Default().FindMessageTypeByName(f"{PACKAGE}.Event").fields_by_name

    assert [True, False] == [is_personal(event[name]) for name in ("user_ip", "name")]
    assert [True, False] == [is_embedded_json(event[name]) for name in ("attributes_json", "name")]
