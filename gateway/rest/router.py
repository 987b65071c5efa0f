"""Which endpoint a request is for.

aiohttp's own dispatcher is not used: it decodes a path before it matches, so that an encoded `/` or `:` would count as
a bare one, and it knows no verbs after a colon.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Generic, TypeVar

from gateway.rest.errors import MethodNotAllowedError, PathUnknownError
from gateway.rest.template import Template, split_path

E = TypeVar("E")

_MOST_REMEMBERED = 512
"""Paths whose route is remembered: some per RPC, and one per ranking and source. A path has at most 8 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Generic[E]):
    """An endpoint and where it is."""

    verb: str
    """The HTTP method, in capitals."""
    template: Template
    endpoint: E


class Router(Generic[E]):
    """All routes. HEAD is served wherever GET is."""

    def __init__(self, routes: list[Route[E]]) -> None:
        """Sort the routes: a literal is tried before a variable.

        Raises:
            ValueError: two routes are for the same method and paths.
        """
        taken: dict[object, Route[E]] = {}
        for route in routes:
            other = taken.setdefault((route.verb, route.template.shape), route)
            if other is not route:
                raise ValueError(f"{route.verb} {route.template.text} and {other.template.text} are the same paths")
        self._routes = sorted(routes, key=lambda route: route.template.precedence)
        self.resolve = lru_cache(_MOST_REMEMBERED)(self._resolve)
        """As `_resolve`, and at once for paths that came before."""

    def _resolve(self, verb: str, raw_path: str) -> tuple[Route[E], Mapping[str, str]]:
        """The route and the values of its path's variables, by field; nobody changes them.

        Raises:
            PathUnknownError: no route has this path.
            MethodNotAllowedError: some have, but for other methods.
        """
        path = split_path(raw_path)
        matches = [] if path is None else [(r, v) for r in self._routes if (v := r.template.match(path)) is not None]
        if not matches:
            raise PathUnknownError("there is no such path; /openapi.json lists those that there are, /docs shows them")
        wanted = "GET" if verb == "HEAD" else verb
        for route, variables in matches:
            if route.verb == wanted:
                return route, variables
        raise MethodNotAllowedError(verb, {route.verb for route, _ in matches})
