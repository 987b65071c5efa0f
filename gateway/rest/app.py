"""The REST front as one aiohttp application."""

from collections.abc import Callable, Iterator

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware
from prometheus_client import CollectorRegistry

from gateway.contract import Contract
from gateway.pipeline import Pipeline
from gateway.pipeline.request_id import request_id
from gateway.rest.bindings import read_bindings
from gateway.rest.codec import JsonEncoder
from gateway.rest.errors import HttpError
from gateway.rest.openapi import build_document
from gateway.rest.pages import Endpoint, pages
from gateway.rest.problems import Problems
from gateway.rest.reading import MOST_BODY_BYTES
from gateway.rest.router import Route, Router
from gateway.rest.rpc import RpcEndpoint
from gateway.rest.server import PROBLEMS, Runner, harden


def build_app(
    *, contract: Contract, pipeline: Pipeline, ready: Callable[[], bool], registry: CollectorRegistry
) -> web.Application:
    """Serve every RPC of the contract, its OpenAPI document, and the pages beside it.

    Run it with `build_runner`: without it, a client that leaves would not stop its call.

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
    dispatch = _dispatcher(Router(list(routes())), problems)
    app = web.Application(client_max_size=MOST_BODY_BYTES, middlewares=[dispatch])
    app[PROBLEMS] = problems
    app.on_response_prepare.append(_prepared)
    return app


def build_runner(app: web.Application, *, shutdown_timeout: float = 10.0) -> web.AppRunner:
    """What serves the application. `shutdown_timeout`: how long, in seconds, cleanup lets calls in flight finish."""
    return Runner(app, shutdown_timeout=shutdown_timeout)


def _dispatcher(router: Router[Endpoint], problems: Problems) -> Middleware:
    """What answers every request. A middleware, because aiohttp would answer some, as `OPTIONS *`, by itself."""

    @web.middleware
    async def dispatch(request: web.Request, handler: Handler) -> web.StreamResponse:  # noqa: ARG001 - aiohttp's dispatcher, which is not asked
        given = request_id(request.headers.get("X-Request-Id"))
        try:
            endpoint, variables = router.resolve(request.method, request.rel_url.raw_path)
            return await endpoint(request, variables)
        except HttpError as error:
            return problems.of_error(error, given)
        except Exception as error:  # noqa: BLE001 - the outermost place: aiohttp would answer with a page of its own
            structlog.get_logger().error("fault", request_id=given, exc_info=error)
            return problems.of_error(error, given)

    return dispatch


async def _prepared(_request: web.Request, response: web.StreamResponse) -> None:
    harden(response)
