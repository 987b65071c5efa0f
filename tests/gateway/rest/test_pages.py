"""Documentation, health and metrics."""

import gzip
import re

import pytest
from openapi_spec_validator import validate

from gateway.rest.template import parse_template
from tests.gateway.pipeline.fakes import CONTRACT
from tests.gateway.rest.serving import serving


async def test_the_root_leads_to_the_documentation() -> None:
    async with serving() as front:
        answer = await front.get("/")

    assert (302, "/docs") == (answer.status, answer.headers["Location"])


async def test_the_documentation_reaches_no_other_host() -> None:
    async with serving() as front:
        page = await front.get("/docs")
        names = re.findall(r'(?:src|href)="([^"]+)"', page.body.decode())
        files = [await front.get(name) for name in names if name.startswith("/")]

    assert 200 == page.status
    assert "text/html; charset=utf-8" == page.headers["Content-Type"]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert all(name.startswith(("/", "data:")) for name in names)
    assert {200} == {each.status for each in files}
    assert not any(re.search(rb"https?://", each.body) for each in [page, *files] if b"openapi" not in each.body[:20])


async def test_it_is_alive_and_ready_only_while_it_serves() -> None:
    ready = True
    async with serving(ready=lambda: ready) as front:
        before = [(await front.get(path)).status for path in ("/healthz", "/readyz")]
        ready = False
        after = [(await front.get(path)).status for path in ("/healthz", "/readyz")]

    assert [200, 200] == before
    assert [200, 503] == after


async def test_prometheus_reads_the_calls() -> None:
    async with serving() as front:
        await front.get("/v1/metrics")
        answer = await front.get("/metrics")

    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    expected = 'analytics_gateway_calls_total{code="OK",method="ListMetrics",transport="rest"} 1.0'
    assert expected in answer.body.decode().splitlines()


async def test_who_names_metrics_gets_those_and_no_others() -> None:
    names = ["analytics_gateway_calls_in_flight", "analytics_gateway_calls_total", "there_is_no_such_metric"]
    query = "&".join(f"name[]={name}" for name in names)
    async with serving() as front:
        await front.get("/v1/metrics")
        answer = await front.get(f"/metrics?{query}")

    samples = [line.partition("{")[0] for line in answer.body.decode().splitlines() if not line.startswith("#")]
    assert set(names[:2]) == set(samples)


async def test_the_openapi_document_is_valid_and_has_every_rpc() -> None:
    async with serving() as front:
        document = (await front.get("/openapi.json")).json

    validate(document)
    served = {(verb, path) for path, item in document["paths"].items() for verb in item}
    rules = [rule for method in CONTRACT.methods for rule in method.http]
    assert {(rule.WhichOneof("pattern"), rule.get or rule.post) for rule in rules} == served
    for path in document["paths"]:
        parse_template(path)


@pytest.mark.parametrize("media_type", ["text/plain", "application/openmetrics-text"])
async def test_metrics_come_in_the_plainest_form_for_who_asks_in_no_sensible_way(media_type: str) -> None:
    async with serving() as front:
        answer = await front.get("/metrics", Accept=f"{media_type}; version=newest")

    assert 200 == answer.status
    assert "text/plain; version=0.0.4; charset=utf-8" == answer.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/openapi.json", "/docs/docs.css", "/docs/docs.js"])
async def test_a_file_is_sent_once_and_then_asked_about(path: str) -> None:
    async with serving() as front:
        plain = await front.coded(path)
        zipped = await front.coded(path, Accept_Encoding="gzip")
        known = await front.coded(path, Accept_Encoding="gzip", If_None_Match=zipped.headers["ETag"])

    assert plain.body == gzip.decompress(zipped.body)
    assert plain.headers["ETag"] != zipped.headers["ETag"]
    assert {"Accept-Encoding"} == {each.headers["Vary"] for each in (plain, zipped, known)}
    assert {"no-cache"} == {each.headers["Cache-Control"] for each in (plain, zipped, known)}
    assert (304, b"") == (known.status, known.body)


async def test_metrics_may_be_compressed() -> None:
    async with serving() as front:
        answer = await front.coded("/metrics", Accept_Encoding="gzip")

    assert "gzip" == answer.headers["Content-Encoding"]
    assert b"analytics_gateway_calls" in gzip.decompress(answer.body)
