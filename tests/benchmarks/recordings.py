"""Recordings made by hand."""

from benchmarks.exchanges import Exchange, Recording


def exchange(source: str, path: str, answer: bytes, *, method: str = "GET", body: bytes = b"") -> Exchange:
    """One that went well."""
    return Exchange(
        source=source,
        method=method,
        path=path,
        headers={"Accept": "application/json"},
        body=body,
        status=200,
        content_type="application/json",
        answer=answer,
    )


TWO_SOURCES = Recording(
    tables={"ai": {"base_url": "http://127.0.0.1:1"}, "docs": {"base_url": "http://127.0.0.1:2/portal"}},
    exchanges=[
        exchange("ai", "/totals?unit=day", b'{"projects": 3}'),
        exchange("docs", "/portal/counts", b'{"results": []}', method="POST", body=b'{"page": 1}'),
    ],
    calls={"/v1/metrics?a=b": [0, 1], "/v1/metrics?a=c": [1]},
)
