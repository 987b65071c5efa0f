"""What the contract's `google.api.http` rules bind to what: an HTTP method and a path to an RPC."""

from collections.abc import Iterator
from dataclasses import dataclass

from google.api.http_pb2 import HttpRule
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.contract import Contract, Method
from gateway.rest.template import Template, parse_template


class UnsupportedRuleError(ValueError):
    """A rule of the contract cannot be served as it is written. The gateway does not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One way to call an RPC."""

    method: Method
    verb: str
    """The HTTP method, in capitals."""
    template: Template
    has_body: bool
    """Every field that the path does not give comes in the body; otherwise, in the query."""


def read_bindings(contract: Contract) -> list[Binding]:
    """All bindings of all RPCs, in the contract's order.

    Raises:
        UnsupportedRuleError: an RPC has no rule, or one that is not served: the error names the RPC and says why.
    """
    return [binding for method in contract.methods for binding in _bindings(method)]


def _bindings(method: Method) -> Iterator[Binding]:
    if not method.http:
        raise _unsupported(method, "it has none")
    for index, rule in enumerate(method.http):
        if index and rule.additional_bindings:
            raise _unsupported(method, "an additional binding has additional bindings")
        yield _binding(method, rule)


def _binding(method: Method, rule: HttpRule) -> Binding:
    pattern = rule.WhichOneof("pattern")
    if pattern is None or pattern == "custom":
        raise _unsupported(method, "it must be one of get, put, post, delete and patch")
    if rule.body not in {"", "*"} or rule.response_body:
        raise _unsupported(method, 'a body other than "*", and a response body, are not served')
    if rule.body and pattern in {"get", "delete"}:
        raise _unsupported(method, f"{pattern} takes no body")
    if method.descriptor.client_streaming:
        raise _unsupported(method, "the requests are a stream")
    try:
        template = parse_template(getattr(rule, pattern))
    except ValueError as error:
        raise _unsupported(method, str(error)) from None
    for variable in template.variables:
        _check_variable(method, variable)
    return Binding(method=method, verb=pattern.upper(), template=template, has_body=bool(rule.body))


def _check_variable(method: Method, path: str) -> None:
    *parents, last = path.split(".")
    message: Descriptor | None = method.descriptor.input_type
    for name in parents:
        parent = _field(method, message, name, path)
        if parent.is_repeated:
            raise _unsupported(method, f"its variable {path} leads through a list")
        message = parent.message_type
    field = _field(method, message, last, path)
    if field.is_repeated or field.message_type is not None:
        raise _unsupported(method, f"its variable {path} must be a single scalar field")


def _field(method: Method, message: Descriptor | None, name: str, path: str) -> FieldDescriptor:
    field = None if message is None else message.fields_by_name.get(name)
    if field is None:
        raise _unsupported(method, f"its variable {path} is no field of the request")
    return field


def _unsupported(method: Method, why: str) -> UnsupportedRuleError:
    return UnsupportedRuleError(f"{method.service}.{method.name}: the google.api.http rule cannot be served: {why}")
