"""gRPC server reflection, so that grpcurl, buf curl and Postman need no proto files."""

from collections.abc import Iterable
from contextlib import suppress

import grpc
from google.protobuf import descriptor_pool, text_format
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha import reflection, reflection_pb2

from gateway.rpc import health

V1 = "grpc.reflection.v1.ServerReflection"
V1ALPHA = "grpc.reflection.v1alpha.ServerReflection"


class _Servicer(reflection.aio.ReflectionServicer):
    """Finds methods as well, as the protocol has it, and as grpcurl asks when it is to describe one."""

    def _file_containing_symbol(
        self, request: reflection_pb2.ServerReflectionRequest, fully_qualified_name: str
    ) -> reflection_pb2.ServerReflectionResponse:
        service, _, method = fully_qualified_name.rpartition(".")
        with suppress(KeyError):
            if method in descriptor_pool.Default().FindServiceByName(service).methods_by_name:
                fully_qualified_name = service
        response: reflection_pb2.ServerReflectionResponse = super()._file_containing_symbol(  # type: ignore[no-untyped-call]  # it has no types
            request, fully_qualified_name
        )
        return response


def reflection_handlers(services: Iterable[str]) -> list[grpc.GenericRpcHandler]:
    """Both versions of reflection, telling of the services, of health and of themselves.

    grpcio-reflection has v1alpha only. v1 has the same messages in another package, so one servicer serves both.
    """
    _describe_v1()
    servicer = _Servicer([*services, health.SERVICE, V1, V1ALPHA])  # type: ignore[no-untyped-call]  # it has no types
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        request_deserializer=reflection_pb2.ServerReflectionRequest.FromString,
        response_serializer=reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    return [grpc.method_handlers_generic_handler(name, {"ServerReflectionInfo": handler}) for name in (V1, V1ALPHA)]


def _describe_v1() -> None:
    """Make v1's descriptors out of v1alpha's, so that reflection can tell of itself."""
    alpha = FileDescriptorProto()
    reflection_pb2.DESCRIPTOR.CopyToProto(alpha)
    text = text_format.MessageToString(alpha)
    text = text.replace("grpc.reflection.v1alpha", "grpc.reflection.v1").replace("/v1alpha/", "/v1/")
    file = text_format.Parse(text, FileDescriptorProto())
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
