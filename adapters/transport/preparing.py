"""What goes out with a request, put together once for as long as it stays the same."""

from collections.abc import Mapping
from functools import lru_cache

from yarl import URL

from adapters.transport.connector import Proxy
from adapters.transport.request import Request

_JSON = {"Content-Type": "application/json"}


class Prepared:
    """The headers of one upstream's requests. Shows none of them in its repr."""

    def __init__(self, common: Mapping[str, str], proxy: Proxy) -> None:
        """`common` go with each request, and what `proxy` wants to see with those that it reads."""
        self._common = common
        self._proxy = proxy
        self._of: tuple[URL, Mapping[str, str]] | None = None
        self._without_body: dict[str, str] = {}
        self._with_body: dict[str, str] = {}

    def headers(self, base: URL, proof: Mapping[str, str], request: Request) -> Mapping[str, str]:
        """Those of a request to `base` that carries `proof`.

        The request's own override all others. Without a body there is no content type: aiohttp adds none of its own.
        """
        # The same objects come again until the address moves or the credential is renewed.
        if self._of is None or self._of[0] is not base or self._of[1] is not proof:
            self._without_body = {**self._common, **proof, **self._proxy.request_headers(base)}
            self._with_body = {**self._without_body, **_JSON}
            self._of = base, proof
        prepared = self._without_body if request.body is None else self._with_body
        return {**prepared, **request.headers} if request.headers else prepared


def url_of(base: URL, request: Request) -> URL:
    """Where the request goes, its path appended to that of `base`, and its query encoded."""
    return _url(base, request.path, tuple(request.query.items()))


@lru_cache(maxsize=256)
def _url(base: URL, path: str, query: tuple[tuple[str, str], ...]) -> URL:
    """Encoding one takes as long as a tenth of a request; the few dozens that there are come again and again."""
    address = base / path
    return address.with_query(dict(query)) if query else address
