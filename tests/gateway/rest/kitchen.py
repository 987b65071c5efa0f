"""`kitchen.proto`, compiled, and any other little contract that a test writes down."""

import importlib.util
import tempfile
from pathlib import Path
from typing import Any

from google.api import annotations_pb2
from google.protobuf import (
    descriptor_pool,
    empty_pb2,  # noqa: F401 - the pool must know what the file imports
    struct_pb2,  # noqa: F401 - likewise
    wrappers_pb2,  # noqa: F401 - likewise
)
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_tools import protoc  # type: ignore[import-untyped]  # it ships no types, and nobody else does

from gateway.contract import Contract, Method

_HTTP: Any = annotations_pb2.http
_SOURCE = Path(__file__).with_suffix(".proto")
_RULES = """
syntax = "proto3";
package tests.{package};
import "google/api/annotations.proto";
message Inner {{ string name = 1; }}
message Question {{ string id = 1; repeated string ids = 2; Inner inner = 3; repeated Inner inners = 4; }}
message Answer {{}}
service Rules {{
  rpc Ask({stream} Question) returns (Answer) {{ {option} }}
}}
"""


def compile_contract(text: str, name: str) -> Contract:
    """A contract with the services of a proto file, whose messages are in the default pool from then on."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, name).write_text(text)
        image = Path(folder, "image")
        arguments = ["protoc", f"-I{folder}", *_includes(), f"--descriptor_set_out={image}", "--include_source_info"]
        assert 0 == protoc.main([*arguments, name])
        file_set = FileDescriptorSet.FromString(image.read_bytes())
    pool = descriptor_pool.Default()
    (file,) = file_set.file
    pool.AddSerializedFile(file.SerializeToString())
    services = [pool.FindServiceByName(f"{file.package}.{service.name}") for service in file.service]
    methods = tuple(_method(method) for service in services for method in service.methods)
    return Contract(methods=methods, file_set=file_set, comments={})


def contract_with_rule(package: str, option: str, stream: str = "") -> Contract:
    """One RPC, `Ask(Question)`, with the option given, or none."""
    return compile_contract(_RULES.format(package=package, option=option, stream=stream), f"{package}.proto")


def _includes() -> list[str]:
    return [f"-I{_folder('grpc_tools') / '_proto'}", f"-I{_folder('google.rpc').parent.parent}"]


def _folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    assert spec is not None
    return Path(next(iter(spec.submodule_search_locations or [])))


def _method(descriptor: Any) -> Method:  # noqa: ANN401 - a MethodDescriptor of either kind
    rule = descriptor.GetOptions().Extensions[_HTTP]
    has_rule = descriptor.GetOptions().HasExtension(_HTTP)
    return Method(
        service=descriptor.containing_service.full_name,
        name=descriptor.name,
        descriptor=descriptor,
        request_class=GetMessageClass(descriptor.input_type),
        response_class=GetMessageClass(descriptor.output_type),
        streaming=descriptor.server_streaming,
        http=(rule, *rule.additional_bindings) if has_rule else (),
        idempotent=False,
    )


KITCHEN = compile_contract(_SOURCE.read_text(), _SOURCE.name)


def sink(**fields: object) -> Message:
    """A `Sink`, the message that has everything."""
    return KITCHEN.methods[0].request_class(**fields)


SINK = KITCHEN.methods[0].descriptor.input_type
