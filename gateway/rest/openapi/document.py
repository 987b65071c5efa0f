"""The document as a whole: one operation per binding."""

from collections.abc import Collection, Iterator, Sequence
from importlib.metadata import version

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.rpc.status_pb2 import Status

from gateway.contract import Contract
from gateway.rest.bindings import Binding
from gateway.rest.codec.names import describe, map_entry
from gateway.rest.codec.wellknown import is_text, is_wrapper
from gateway.rest.openapi import responses
from gateway.rest.openapi.introduction import INTRODUCTION, SUMMARY
from gateway.rest.openapi.rules import Schema
from gateway.rest.openapi.schemas import Schemas

_DEEPEST = 4
"""Levels of dotted parameters; a message that holds itself would have no end."""
_LAST_EVENT_ID = (
    "The last `id` of a stream of server-sent events that was cut. A browser sends it by itself, and it wins."
)


def build_document(contract: Contract, bindings: Sequence[Binding]) -> Schema:
    """OpenAPI 3.1 for the bindings, with every schema that they need."""
    schemas = Schemas(contract)
    paths: dict[str, Schema] = {}
    for binding in bindings:
        path = paths.setdefault(binding.template.text, {})
        path[binding.verb.lower()] = _operation(contract, schemas, binding)
    schemas.answer(describe(Status()))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Analytics Gateway",
            "version": version("analytics-gateway"),
            "summary": SUMMARY,
            "description": INTRODUCTION,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The gateway that served this document."}],
        "security": [],
        "tags": [{"name": _short(name), "description": contract.comment(name)} for name in contract.services],
        "paths": paths,
        "components": {
            "schemas": {
                **dict(sorted(schemas.components.items())),
                "Problem": responses.PROBLEM_SCHEMA,
                "StreamFailure": responses.STREAM_FAILURE,
            },
            "parameters": {**responses.PARAMETERS, **responses.CONDITIONS},
            "headers": responses.HEADERS,
            "responses": responses.problem_responses(),
        },
    }


def _operation(contract: Contract, schemas: Schemas, binding: Binding) -> Schema:
    method = binding.method
    comment = contract.comment(method.descriptor.full_name)
    answer = schemas.answer(method.descriptor.output_type)
    return {
        "operationId": _operation_id(binding),
        "tags": [_short(method.service)],
        "summary": comment.partition(". ")[0].rstrip("."),
        "description": comment,
        "parameters": list(_parameters(schemas, binding)),
        **_request_body(schemas, binding),
        "responses": {
            **(responses.stream(answer) if method.streaming else responses.single(answer, is_kept=_is_kept(binding))),
            **responses.problems(named=bool(binding.template.variables), has_body=binding.has_body),
        },
    }


def _is_kept(binding: Binding) -> bool:
    """Whether caches may keep the answer."""
    return binding.verb == "GET" and not binding.method.streaming


def _operation_id(binding: Binding) -> str:
    """The RPC's name; of an additional binding, with what tells it apart."""
    first = binding.method.http[0]
    if getattr(first, first.WhichOneof("pattern") or "get") == binding.template.text:
        return binding.method.name
    return f"{binding.method.name}_{binding.template.verb or binding.verb.lower()}"


def _parameters(schemas: Schemas, binding: Binding) -> Iterator[Schema]:
    request = binding.method.descriptor.input_type
    for path in binding.template.variables:
        yield {"name": path, "in": "path", "required": True, **_described(schemas.field(_at(request, path)))}
    if not binding.has_body:
        for name, field in _leaves(request, binding.template.variables, ()):
            yield {"name": name, "in": "query", **_described(schemas.field(field))}
    if binding.method.streaming and (token := request.fields_by_name.get("resume_token")) is not None:
        yield {
            "name": "Last-Event-ID",
            "in": "header",
            **_described(schemas.field(token)),
            "description": _LAST_EVENT_ID,
        }
    names = [*responses.PARAMETERS, *(responses.CONDITIONS if _is_kept(binding) else ())]
    yield from ({"$ref": f"#/components/parameters/{name}"} for name in names)


def _described(schema: Schema) -> Schema:
    """A parameter has the description; its schema has the rest."""
    rest = {name: value for name, value in schema.items() if name != "description"}
    return {"description": schema.get("description", ""), "schema": rest}


def _request_body(schemas: Schemas, binding: Binding) -> Schema:
    if not binding.has_body:
        return {}
    schema = schemas.body(binding.method.descriptor.input_type, binding.template.variables)
    return {"requestBody": {"content": {"application/json": {"schema": schema}}}}


def _at(message: Descriptor, path: str) -> FieldDescriptor:
    """The field at a dotted path, which the bindings have checked."""
    first, _, rest = path.partition(".")
    field = message.fields_by_name[first]
    return field if field.message_type is None else _at(field.message_type, rest)


def _leaves(
    message: Descriptor, without: Collection[str], parents: tuple[FieldDescriptor, ...]
) -> Iterator[tuple[str, FieldDescriptor]]:
    """Dotted camelCase names of all fields that a query can give."""
    for field in message.fields:
        fields = (*parents, field)
        inner = field.message_type
        if ".".join(each.name for each in fields) in without or map_entry(field) is not None:
            continue
        if inner is None or is_text(inner) or is_wrapper(inner):
            yield ".".join(each.json_name for each in fields), field
        elif not field.is_repeated and not inner.full_name.startswith("google.protobuf.") and len(fields) < _DEEPEST:
            yield from _leaves(inner, without, fields)


def _short(full_name: str) -> str:
    return full_name.rpartition(".")[2]
