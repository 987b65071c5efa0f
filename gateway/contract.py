"""The contract as the gateway serves it: its methods, and the words of its documentation."""

import importlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from google.api import annotations_pb2
from google.api.http_pb2 import HttpRule
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor import FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    MethodOptions,
    ServiceDescriptorProto,
)
from google.protobuf.message import Message

from unified.analytics.v1 import annotations_pb2 as marks

PACKAGE = "unified.analytics.v1"

# protoc types an extension as a plain FieldDescriptor, which the types of `Extensions` do not accept.
_HTTP: Any = annotations_pb2.http
_PERSONAL_DATA: Any = marks.personal_data
_EMBEDDED_JSON: Any = marks.embedded_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One RPC of the contract."""

    service: str
    """Full name of the service, such as `unified.analytics.v1.AnalyticsService`."""
    name: str
    """The RPC's name, such as `ListMetrics`."""
    descriptor: MethodDescriptor
    request_class: type[Message]
    response_class: type[Message]
    streaming: bool
    """Whether the answer is a stream."""
    http: tuple[HttpRule, ...]
    """The rules of `google.api.http`, the main one first, additional bindings behind it."""
    idempotent: bool
    """Whether the contract says that a call has no side effects."""

    @property
    def path(self) -> str:
        """The gRPC path, such as `/unified.analytics.v1.AnalyticsService/ListMetrics`."""
        return f"/{self.service}/{self.name}"

    @property
    def attribute(self) -> str:
        """What the method of the service's class is called, such as `list_metrics`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name).lower()


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All methods, and the descriptor set with comments that the build made of `proto/`."""

    methods: tuple[Method, ...]
    """Every RPC, by service and then in the order of the proto file."""
    file_set: FileDescriptorSet
    """The contract's files and all that they import, with comments."""
    comments: Mapping[str, str]
    """Leading comments by full name, as `comment` tells them."""

    @property
    def services(self) -> tuple[str, ...]:
        """Full names of the services, sorted."""
        return tuple(sorted({method.service for method in self.methods}))

    def comment(self, full_name: str) -> str:
        """The comment before an element of the contract; empty if there is none.

        Full names are those of the descriptors: `unified.analytics.v1.Metric`, `unified.analytics.v1.Metric.value`. An
        enum's value is named below its enum's parent, as protobuf does: `unified.analytics.v1.PART_METRICS`.
        """
        return self.comments.get(full_name, "")


def is_personal(field: FieldDescriptor) -> bool:
    """Whether the contract marks the field as personal data."""
    kind: marks.PersonalData = field.GetOptions().Extensions[_PERSONAL_DATA]
    return kind != marks.PERSONAL_DATA_UNSPECIFIED


def is_embedded_json(field: FieldDescriptor) -> bool:
    """Whether the field's text is itself one JSON value, which REST shows under the field's name without `_json`."""
    embedded: bool = field.GetOptions().Extensions[_EMBEDDED_JSON]
    return embedded


def load_contract() -> Contract:
    """Read the descriptor set that the build made, and import the generated messages that it describes."""
    file_set = FileDescriptorSet.FromString(resources.files(PACKAGE).joinpath("contract.binpb").read_bytes())
    own = sorted((file for file in file_set.file if file.package == PACKAGE), key=lambda file: file.name)
    for file in own:
        importlib.import_module(file.name.removesuffix(".proto").replace("/", ".") + "_pb2")
    return Contract(
        methods=tuple(method for file in own for method in _methods(file)),
        file_set=file_set,
        comments=dict(comment for file in own for comment in _comments(file)),
    )


def _methods(file: FileDescriptorProto) -> Iterator[Method]:
    pool = descriptor_pool.Default()
    for service in file.service:
        descriptor = pool.FindServiceByName(f"{file.package}.{service.name}")
        for method in descriptor.methods:
            yield _method(method)


def _method(descriptor: MethodDescriptor) -> Method:
    options = descriptor.GetOptions()
    return Method(
        service=descriptor.containing_service.full_name,
        name=descriptor.name,
        descriptor=descriptor,
        request_class=message_factory.GetMessageClass(descriptor.input_type),
        response_class=message_factory.GetMessageClass(descriptor.output_type),
        streaming=descriptor.server_streaming,
        http=tuple(_rules(options)),
        idempotent=options.idempotency_level == MethodOptions.NO_SIDE_EFFECTS,
    )


def _rules(options: MethodOptions) -> Iterator[HttpRule]:
    if options.HasExtension(_HTTP):
        rule: HttpRule = options.Extensions[_HTTP]
        yield rule
        yield from rule.additional_bindings


def _comments(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    """Full names and leading comments of the file's elements that have one."""
    names = dict(_named(file))
    for location in file.source_code_info.location:
        name = names.get(tuple(location.path))
        if name is not None and location.leading_comments:
            yield name, _unwrapped(location.leading_comments)


def _unwrapped(comment: str) -> str:
    """The comment's paragraphs, each on one line."""
    paragraphs = re.split(r"\n[ \t]*\n", comment.strip())
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


_Path = tuple[int, ...]


def _named(file: FileDescriptorProto) -> Iterator[tuple[_Path, str]]:
    """The elements' paths, made of field numbers and indexes as descriptor.proto says of `SourceCodeInfo.Location`."""
    for index, message in enumerate(file.message_type):
        path = (FileDescriptorProto.MESSAGE_TYPE_FIELD_NUMBER, index)
        yield from _named_in_message(message, path, file.package)
    for index, enum in enumerate(file.enum_type):
        yield from _named_in_enum(enum, (FileDescriptorProto.ENUM_TYPE_FIELD_NUMBER, index), file.package)
    for index, service in enumerate(file.service):
        path, name = (FileDescriptorProto.SERVICE_FIELD_NUMBER, index), f"{file.package}.{service.name}"
        yield path, name
        for number, method in enumerate(service.method):
            yield (*path, ServiceDescriptorProto.METHOD_FIELD_NUMBER, number), f"{name}.{method.name}"
    for index, extension in enumerate(file.extension):
        yield (FileDescriptorProto.EXTENSION_FIELD_NUMBER, index), f"{file.package}.{extension.name}"


def _named_in_message(message: DescriptorProto, path: _Path, scope: str) -> Iterator[tuple[_Path, str]]:
    name = f"{scope}.{message.name}"
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, DescriptorProto.FIELD_FIELD_NUMBER, index), f"{name}.{field.name}"
    for index, oneof in enumerate(message.oneof_decl):
        yield (*path, DescriptorProto.ONEOF_DECL_FIELD_NUMBER, index), f"{name}.{oneof.name}"
    for index, nested in enumerate(message.nested_type):
        yield from _named_in_message(nested, (*path, DescriptorProto.NESTED_TYPE_FIELD_NUMBER, index), name)
    for index, enum in enumerate(message.enum_type):
        yield from _named_in_enum(enum, (*path, DescriptorProto.ENUM_TYPE_FIELD_NUMBER, index), name)


def _named_in_enum(enum: EnumDescriptorProto, path: _Path, scope: str) -> Iterator[tuple[_Path, str]]:
    yield path, f"{scope}.{enum.name}"
    for index, value in enumerate(enum.value):
        yield (*path, EnumDescriptorProto.VALUE_FIELD_NUMBER, index), f"{scope}.{value.name}"
