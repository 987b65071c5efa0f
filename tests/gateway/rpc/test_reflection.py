"""Server reflection in both versions, as grpcurl and buf curl ask it."""

import grpc
import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_reflection.v1alpha.reflection_pb2 import ServerReflectionRequest, ServerReflectionResponse

from gateway.rpc.reflection import V1, V1ALPHA
from tests.gateway.pipeline.fakes import CONTRACT, fixture
from tests.gateway.rpc.serving import served

both = pytest.mark.parametrize("version", [V1, V1ALPHA])


async def ask(version: str, request: ServerReflectionRequest) -> ServerReflectionResponse:
    async with served(fixture()) as channel:
        reflect: grpc.aio.StreamStreamMultiCallable[ServerReflectionRequest, ServerReflectionResponse] = (
            channel.stream_stream(
                f"/{version}/ServerReflectionInfo",
                ServerReflectionRequest.SerializeToString,
                ServerReflectionResponse.FromString,
            )
        )
        call = reflect(iter([request]))
        answer = await call.read()
        assert isinstance(answer, ServerReflectionResponse)
        return answer


@both
async def test_all_services_are_listed(version: str) -> None:
    answer = await ask(version, ServerReflectionRequest(list_services=""))

    listed = {service.name for service in answer.list_services_response.service}
    assert {*CONTRACT.services, "grpc.health.v1.Health", V1, V1ALPHA} == listed


@both
@pytest.mark.parametrize("symbol", [*CONTRACT.services, "grpc.health.v1.Health", V1, V1ALPHA])
async def test_every_listed_service_can_be_described(version: str, symbol: str) -> None:
    answer = await ask(version, ServerReflectionRequest(file_containing_symbol=symbol))

    files = [FileDescriptorProto.FromString(file) for file in answer.file_descriptor_response.file_descriptor_proto]
    assert symbol in {f"{file.package}.{service.name}" for file in files for service in file.service}


@both
@pytest.mark.parametrize(
    "symbol", [*(method.descriptor.full_name for method in CONTRACT.methods), "grpc.health.v1.Health.Check"]
)
async def test_every_method_can_be_described(version: str, symbol: str) -> None:
    answer = await ask(version, ServerReflectionRequest(file_containing_symbol=symbol))

    files = [FileDescriptorProto.FromString(file) for file in answer.file_descriptor_response.file_descriptor_proto]
    assert symbol in {
        f"{file.package}.{service.name}.{method.name}"
        for file in files
        for service in file.service
        for method in service.method
    }


@both
@pytest.mark.parametrize("symbol", ["no.such.Thing", f"{CONTRACT.services[0]}.NoSuchMethod", "NoPackage"])
async def test_what_does_not_exist_is_not_found(version: str, symbol: str) -> None:
    answer = await ask(version, ServerReflectionRequest(file_containing_symbol=symbol))

    assert grpc.StatusCode.NOT_FOUND.value[0] == answer.error_response.error_code
