"""Clients that share no code with this project understand every answer: `buf curl`, in Go, and one in JavaScript."""

import json
import shutil
import sys
from collections.abc import Iterator, Mapping
from importlib import resources
from pathlib import Path

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from adapters.simulation import Fault
from tests.end_to_end.processes import output_of
from tests.end_to_end.questions import QUESTIONS
from tests.end_to_end.serving import METHODS, Gateway, Json, from_json, method_of, settled, to_json, unfolded
from tests.running import Upstreams
from unified.analytics.v1.analytics_service_pb2 import ListEventsResponse, ListMetricsRequest
from unified.analytics.v1.event_pb2 import Event

BUF = Path(sys.executable).parent / "buf"
NODE_CLIENT = Path(__file__).parents[1] / "clients" / "node"
CONTRACT = resources.files("unified.analytics.v1").joinpath("contract.binpb")

WAYS = {"reflection": [], "descriptor-set": ["--schema", str(CONTRACT)]}
"""Where `buf curl` gets the contract from."""


def items(text: str) -> Iterator[Json]:
    """JSON texts that follow each other."""
    decoder = json.JSONDecoder()
    while text := text.lstrip():
        item, end = decoder.raw_decode(text)
        yield item
        text = text[end:]


async def answers(gateway: Gateway, request: Message) -> list[Json]:
    """What a client of this project gets."""
    if method_of(request).streaming:
        return [to_json(item) async for item in gateway.stream(request)]
    return [to_json(await gateway.unary(request))]


async def buf_curl(gateway: Gateway, request: Message, way: str) -> list[Json]:
    """What `buf curl` gets."""
    method = method_of(request)
    url = f"http://{gateway.addresses.grpc}{method.path}"
    options = ["--protocol", "grpc", "--http2-prior-knowledge", "--data", json_format.MessageToJson(request)]
    written = await output_of(str(BUF), "curl", *options, *WAYS[way], url)
    return [to_json(json_format.ParseDict(item, method.response_class())) for item in items(written)]


async def node(gateway: Gateway, *requests: Message) -> list[list[Json]]:
    """What the client in JavaScript gets, request by request."""
    program = shutil.which("node")
    assert program, "Node.js is missing: install it, such as by `apt-get install nodejs npm`"
    assert (NODE_CLIENT / "node_modules").is_dir(), "the client's packages are missing: `make test` installs them"
    calls = [
        {"service": method.service, "method": method.name, "request": json_format.MessageToDict(request)}
        for method, request in zip(map(method_of, requests), requests, strict=True)
    ]
    arguments = [str(NODE_CLIENT / "client.mjs"), str(gateway.addresses.grpc), str(CONTRACT)]
    got: list[list[Json]] = unfolded(json.loads(await output_of(program, *arguments, given=json.dumps(calls).encode())))
    return got


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", METHODS)
async def test_buf_curl_gets_the_same(gateway: Gateway, name: str, way: str) -> None:
    request = QUESTIONS[name]

    assert settled(await answers(gateway, request)) == settled(await buf_curl(gateway, request, way))


@pytest.fixture(scope="module")
async def node_answers(running_gateway: Gateway) -> Mapping[str, list[Json]]:
    """What the client in JavaScript gets, by the name of the method."""
    return dict(zip(QUESTIONS, await node(running_gateway, *QUESTIONS.values()), strict=True))


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if not method.streaming])
async def test_node_gets_over_grpc_what_rest_says(
    gateway: Gateway, node_answers: Mapping[str, list[Json]], name: str
) -> None:
    """Its JSON is that of another implementation of protobuf."""
    over_rest = await gateway.rest(QUESTIONS[name])

    assert [settled(over_rest.json())] == settled(node_answers[name])


@pytest.mark.parametrize("name", [name for name, method in METHODS.items() if method.streaming])
async def test_node_gets_over_grpc_the_stream_that_rest_says(
    gateway: Gateway, node_answers: Mapping[str, list[Json]], name: str
) -> None:
    over_rest = await gateway.rest(QUESTIONS[name])

    lines = [json.loads(line) for line in over_rest.body.splitlines()]
    assert settled(lines) == settled(node_answers[name])


@pytest.mark.parametrize("way", WAYS)
async def test_buf_curl_understands_why_a_source_failed(gateway: Gateway, upstreams: Upstreams, way: str) -> None:
    """Details are of types that no field names, so that they are easily left out of what describes the contract."""
    (await upstreams.get("zylon")).control.faults.append(Fault(status=403))
    request = ListMetricsRequest(sources=["ai", "crm"])

    got = await buf_curl(gateway, request, way)

    assert settled(await answers(gateway, request)) == settled(got)
    assert "UPSTREAM_PERMISSION_REFUSED" == got[0]["outcomes"][0]["status"]["details"][0]["reason"]


async def test_node_understands_why_a_source_failed(gateway: Gateway, upstreams: Upstreams) -> None:
    (await upstreams.get("zylon")).control.faults.append(Fault(status=403))
    request = ListMetricsRequest(sources=["ai", "crm"])

    (got,) = await node(gateway, request)

    assert settled([(await gateway.rest(request)).json()]) == settled(got)
    assert "UPSTREAM_PERMISSION_REFUSED" == got[0]["outcomes"][0]["status"]["details"][0]["reason"]


def test_what_rest_says_can_be_read_back() -> None:
    """What the comparisons above rely on: embedded JSON keeps its digits on the way to REST's form and back."""
    answer = ListEventsResponse(events=[Event(attributes_json='{"token": 4611686018427387905}')])

    assert answer == from_json(to_json(answer), ListEventsResponse)
