"""What the REST front serves besides RPCs: documentation, health, and numbers for Prometheus."""

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib import resources

from aiohttp import web
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

from gateway.rest.codings import CODINGS, IDENTITY, Coding, acceptable
from gateway.rest.ready import Ready, Response
from gateway.rest.representation import VARY, Representation, lines, represent
from gateway.rest.router import Route
from gateway.rest.template import parse_template

Endpoint = Callable[[web.BaseRequest, Mapping[str, str]], Awaitable[Response]]
"""Answers a request; gets the values of its path's variables."""

_CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""A page of ours reaches no other host, and no other page can hold one of ours."""

_FILES = {
    "/docs": ("index.html", "text/html"),
    "/docs/docs.css": ("docs.css", "text/css"),
    "/docs/docs.js": ("docs.js", "text/javascript"),
}


def pages(
    document: Mapping[str, object], ready: Callable[[], bool], registry: CollectorRegistry
) -> Iterator[Route[Endpoint]]:
    """The routes of all pages. None of them asks, or depends on, an upstream."""
    yield _route("/", _redirect("/docs"))
    yield _route("/openapi.json", _static(json.dumps(document).encode(), "application/json"))
    yield _route("/healthz", _static(b'{"status":"alive"}\n', "application/json"))
    yield _route("/readyz", _readiness(ready))
    yield _route("/metrics", _metrics(registry))
    for path, (name, content_type) in _FILES.items():
        body = resources.files("gateway.rest.docs").joinpath(name).read_bytes()
        yield _route(path, _static(body, content_type, {"Content-Security-Policy": _CONTENT_SECURITY_POLICY}))


def _route(path: str, endpoint: Endpoint) -> Route[Endpoint]:
    return Route(verb="GET", template=parse_template(path), endpoint=endpoint)


def _static(body: bytes, content_type: str, headers: Mapping[str, str] | None = None) -> Endpoint:
    """What never changes while the gateway runs, compressed at the start. Who has it asks whether it still holds."""
    media_type = f"{content_type}; charset=utf-8" if content_type.startswith("text/") else content_type
    all_headers = lines({"Cache-Control": "no-cache", "Referrer-Policy": "no-referrer", **(headers or {})})
    forms = {coding: _represent(body, coding, media_type) for coding in CODINGS}

    async def serve(request: web.BaseRequest, _variables: Mapping[str, str]) -> Ready:
        return forms[_coding(request, body)].answer(request, all_headers)

    return serve


def _represent(body: bytes, coding: Coding, media_type: str) -> Representation:
    return represent(body, coding, coding.compress(body), media_type, vary="Accept-Encoding")


def _coding(request: web.BaseRequest, body: bytes) -> Coding:
    return acceptable(request.headers.getall("Accept-Encoding", [])).of(len(body))


def _redirect(to: str) -> Endpoint:
    async def serve(_request: web.BaseRequest, _variables: Mapping[str, str]) -> web.Response:
        return web.Response(status=302, headers={"Location": to})

    return serve


def _readiness(ready: Callable[[], bool]) -> Endpoint:
    async def serve(_request: web.BaseRequest, _variables: Mapping[str, str]) -> web.Response:
        is_ready = ready()
        body = b'{"status":"serving"}\n' if is_ready else b'{"status":"not serving"}\n'
        headers = {"Cache-Control": "no-store"}
        status = 200 if is_ready else 503
        return web.Response(status=status, body=body, content_type="application/json", headers=headers)

    return serve


def _metrics(registry: CollectorRegistry) -> Endpoint:
    async def serve(request: web.BaseRequest, _variables: Mapping[str, str]) -> web.Response:
        try:
            encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        except TypeError:  # which it raises where a version is none: it compares words to numbers
            encode, content_type = choose_encoder("")
        names = request.query.getall("name[]", ())
        body = encode(registry.restricted_registry(names) if names else registry)
        coding = _coding(request, body)
        headers = {"Content-Type": content_type, "Cache-Control": "no-store", "Vary": VARY}
        if coding is not IDENTITY:
            headers["Content-Encoding"] = coding.name
        return web.Response(body=coding.compress(body), headers=headers)

    return serve
