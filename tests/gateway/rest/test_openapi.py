"""The OpenAPI document: it is valid, complete, and true of what is really sent and read."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it ships no types
from openapi_spec_validator import validate
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from gateway.contract import load_contract
from gateway.pipeline.errors import InvalidRequestError
from gateway.rest.bindings import read_bindings
from gateway.rest.codec import JsonEncoder, decode_tree, read_query
from gateway.rest.openapi import build_document
from gateway.rest.timeouts import read_timeout
from tests.gateway.rest.kitchen import KITCHEN
from tests.gateway.rest.messages import messages

CONTRACT = load_contract()
BINDINGS = read_bindings(CONTRACT)
DOCUMENT = json.loads(json.dumps(build_document(CONTRACT, BINDINGS)))
ENCODER = JsonEncoder()
REGISTRY: Registry[Any] = Registry().with_resource("urn:x", DRAFT202012.create_resource(DOCUMENT))
RESPONSES = {method.descriptor.output_type.name: method.descriptor.output_type for method in CONTRACT.methods}
VALIDATORS = {
    name: Draft202012Validator({"$ref": f"urn:x#/components/schemas/{name}"}, registry=REGISTRY) for name in RESPONSES
}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for verb, operation in item.items():
            yield verb, path, operation


def parameters_in(operation: dict[str, Any], place: str) -> list[dict[str, Any]]:
    return [parameter for parameter in operation["parameters"] if parameter.get("in") == place]


def parameter(path: str, name: str) -> Any:  # noqa: ANN401 - any JSON
    found = [each for each in DOCUMENT["paths"][path]["get"]["parameters"] if each.get("name") == name]
    return found[0]


def test_it_is_valid() -> None:
    validate(DOCUMENT)


def test_it_is_valid_for_every_kind_of_field() -> None:
    validate(build_document(KITCHEN, read_bindings(KITCHEN)))


@pytest.mark.parametrize("descriptor", RESPONSES.values(), ids=RESPONSES)
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_what_is_sent_is_what_it_says(data: st.DataObject, descriptor: Descriptor) -> None:
    answer = json.loads(ENCODER.encode(data.draw(messages(descriptor))))

    # A number that is none is a string; no upstream sends one, and the document does not burden its readers with it.
    errors = [error.message for error in VALIDATORS[descriptor.name].iter_errors(answer)]
    assert [] == [error for error in errors if not error.startswith(("'NaN'", "'Infinity'", "'-Infinity'"))]


def test_every_operation_has_its_own_id_and_a_summary() -> None:
    ids = [operation["operationId"] for _, _, operation in operations()]

    assert len(ids) == len(set(ids))
    assert {method.name for method in CONTRACT.methods} <= set(ids)
    assert "ListEvents_search" in ids
    assert all(operation["summary"] for _, _, operation in operations())


def test_everything_of_the_contract_is_described() -> None:
    silent = [
        (path, p["name"]) for _, path, o in operations() for p in o["parameters"] if not p.get("description", "x")
    ]
    schemas = {name: schema for name, schema in DOCUMENT["components"]["schemas"].items() if "google" not in name}
    silent += [(name, "") for name, schema in schemas.items() if not schema.get("description")]
    silent += [(n, f) for n, s in schemas.items() for f, t in s.get("properties", {}).items()
               if n not in {"Problem", "StreamFailure"} and not t.get("description")]  # fmt: skip

    assert [] == silent


@pytest.mark.parametrize("binding", BINDINGS, ids=lambda b: f"{b.verb} {b.template.text}")
def test_every_query_parameter_that_it_names_can_be_given(binding: Any) -> None:  # noqa: ANN401 - a Binding
    operation = DOCUMENT["paths"][binding.template.text][binding.verb.lower()]
    unknown = []
    for each in parameters_in(operation, "query"):
        message = binding.method.request_class()
        try:
            decode_tree(read_query(f"{each['name']}=1", binding.method.descriptor.input_type, ()), message)
        except InvalidRequestError as error:
            unknown += [violation for violation in error.violations if "not known" in violation.description]

    assert [] == unknown


def test_the_rules_of_the_contract_are_in_it() -> None:
    ranking = "/v1/rankings/{ranking}"

    assert {"type": "integer", "format": "int32", "minimum": 0, "maximum": 100} == parameter(ranking, "limit")["schema"]
    assert {"type": "string", "minLength": 1, "maxLength": 64} == parameter(ranking, "ranking")["schema"]
    assert {
        "type": "array",
        "items": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$", "maxLength": 64},
        "maxItems": 64,
        "uniqueItems": True,
    } == parameter("/v1/metrics", "sources")["schema"]


def body(path: str) -> Any:  # noqa: ANN401 - any JSON
    return DOCUMENT["paths"][path]["post"]["requestBody"]["content"]["application/json"]["schema"]


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("maxAge", ["0s", "2.5s", "315576000s"], ["-1s", "5", "1.s", "9999999999s"]),
        ("readMask", ["", "metrics", "timeSeries,time_series,events"], ["metrics,", "nonsense", "metrics.value"]),
    ],
)
def test_a_value_that_is_text_has_its_rules_as_a_pattern(name: str, right: list[str], wrong: list[str]) -> None:
    pattern = re.compile(parameter("/v1/overview", name)["schema"]["pattern"])

    assert all(map(pattern.search, right))
    assert [] == list(filter(pattern.search, wrong))


def test_the_examples_of_a_window_make_one() -> None:
    start, end = (parameter("/v1/metrics", name)["schema"]["examples"][0] for name in ("startTime", "endTime"))

    assert start < end


def test_null_is_not_given_in_a_body_and_nowhere_else() -> None:
    fields = body("/v1/events:search")["properties"]

    assert ["integer", "null"] == fields["pageSize"]["type"]
    assert [{"$ref": "#/components/schemas/EventOrder"}, {"type": "null"}] == fields["order"]["anyOf"]
    assert '"null"' not in json.dumps(DOCUMENT["components"]["schemas"])


def test_a_message_within_a_body_requires_nothing_of_it() -> None:
    """What is always sent need not always be given; and a message may hold itself."""
    schemas = build_document(KITCHEN, read_bindings(KITCHEN))["components"]["schemas"]

    spoon = schemas["tests.kitchen.SpoonInput"]
    assert "required" not in spoon
    assert spoon["properties"]["next"]["anyOf"][0] == {"$ref": "#/components/schemas/tests.kitchen.SpoonInput"}


def test_a_choice_is_told() -> None:
    item = DOCUMENT["components"]["schemas"]["StreamEventsResponse"]

    assert item["description"].endswith("\n\nAt most one of `batch`, `end` is there.")


def test_each_way_to_fail_is_told_where_it_can_be_met() -> None:
    always = {"400", "406", "414", "429", "431", "500", "503", "504"}

    def failures(verb: str, path: str) -> set[str]:
        return {status for status in DOCUMENT["paths"][path][verb]["responses"] if status >= "400"}

    assert always == failures("get", "/v1/metrics")
    assert {*always, "404"} == failures("get", "/v1/rankings/{ranking}")
    assert {*always, "404", "413", "415"} == failures("post", "/v1/sources/{source}:check")
    assert "Retry-After" in DOCUMENT["components"]["responses"]["Unavailable"]["headers"]


def test_a_timeout_is_described_as_it_is_read() -> None:
    schema = DOCUMENT["components"]["parameters"]["RequestTimeout"]["schema"]
    described = Draft202012Validator(schema)

    for text in ("2.5", "0", "0.0", "0.001", "1e3", "-1", "", ".5", "5.", "1" * 19, "1" * 20):
        try:
            read = read_timeout({"Request-Timeout": text}) is not None
        except InvalidRequestError:
            read = False
        assert read == described.is_valid(text), text


def test_a_body_has_the_fields_that_the_path_does_not_give() -> None:
    assert {} == body("/v1/sources/{source}:check")["properties"]
    assert {"userIds", "pageToken"} <= set(body("/v1/events:search")["properties"])
    assert body("/v1/events:search")["additionalProperties"] is False


def test_personal_data_is_marked() -> None:
    user = DOCUMENT["components"]["schemas"]["User"]["properties"]

    assert user["email"]["x-personal-data"] is True
    assert "x-personal-data" not in user["state"]


def test_a_stream_is_offered_in_its_three_forms() -> None:
    responses = DOCUMENT["paths"]["/v1/events:stream"]["get"]["responses"]

    assert {"application/x-ndjson", "text/event-stream", "application/json"} == set(responses["200"]["content"])
    assert "204" in responses


def test_embedded_json_is_any_value_under_its_own_name() -> None:
    event = DOCUMENT["components"]["schemas"]["Event"]["properties"]

    assert "attributesJson" not in event
    assert {"description", "x-personal-data"} == set(event["attributes"])


def test_what_caches_are_told_is_documented_where_it_is_told() -> None:
    def told(verb: str, path: str, status: str = "200") -> set[str]:
        return set(DOCUMENT["paths"][path][verb]["responses"][status]["headers"])

    def given(verb: str, path: str) -> set[str]:
        references = [each["$ref"] for each in DOCUMENT["paths"][path][verb]["parameters"] if "$ref" in each]
        names = [reference.rpartition("/")[2] for reference in references]
        return {DOCUMENT["components"]["parameters"][name]["name"] for name in names}

    streamed = {"X-Request-Id", "Server-Timing", "Cache-Control", "Vary"}
    assert streamed | {"Age", "ETag"} == told("get", "/v1/metrics") == told("get", "/v1/metrics", "304")
    assert streamed | {"Age"} == told("post", "/v1/events:search")
    assert streamed == told("get", "/v1/events:stream")
    assert ["/v1/metrics"] == [
        path
        for verb, path in (("get", "/v1/metrics"), ("post", "/v1/events:search"), ("get", "/v1/events:stream"))
        if "If-None-Match" in given(verb, path)
    ]


@pytest.mark.parametrize("status", ["Overloaded", "Unavailable"])
def test_who_shall_come_back_later_is_told_when(status: str) -> None:
    assert "Retry-After" in DOCUMENT["components"]["responses"][status]["headers"]
