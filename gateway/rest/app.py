"""The REST front as one handler, and what serves it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from prometheus_client import CollectorRegistry

from gateway.contract import Contract
from gateway.pipeline import Pipeline
from gateway.rest.ageing import Ages
from gateway.rest.bindings import read_bindings
from gateway.rest.codec import JsonEncoder
from gateway.rest.dispatch import Dispatcher
from gateway.rest.openapi import build_document
from gateway.rest.pages import Endpoint, pages
from gateway.rest.problems import Problems
from gateway.rest.router import Route, Router
from gateway.rest.rpc import RpcEndpoint
from gateway.rest.server import Server


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The REST front."""

    dispatch: Dispatcher
    problems: Problems


def build_app(*, contract: Contract, pipeline: Pipeline, ready: Callable[[], bool], registry: CollectorRegistry) -> App:
    """Serve every RPC of the contract, its OpenAPI document, and the pages beside it.

    Raises:
        UnsupportedRuleError: an RPC's `google.api.http` rule cannot be served.
        ValueError: two rules are for the same method and paths.
    """
    bindings = read_bindings(contract)
    encoder = JsonEncoder(method.descriptor.output_type for method in contract.methods)

    def routes() -> Iterator[Route[Endpoint]]:
        for binding in bindings:
            endpoint = RpcEndpoint(binding, pipeline, encoder)
            yield Route(verb=binding.verb, template=binding.template, endpoint=endpoint)
        yield from pages(build_document(contract, bindings), ready, registry)

    problems = Problems(encoder)
    return App(dispatch=Dispatcher(Router(list(routes())), problems, pipeline.telemetry.http), problems=problems)


def build_http_server(app: App, *, max_connection_age: float) -> Server:
    """What serves the application, on the loop that runs now. A client stays for so many seconds, about."""
    return Server(app.dispatch, app.problems, Ages(most=max_connection_age))
