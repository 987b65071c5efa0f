"""Paths to RPCs, held against google.api_core's implementation of `google.api.http`; rules that stop the start."""

import functools
import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from google.api_core import path_template, rest_helpers
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.contract import Contract, load_contract
from gateway.pipeline.errors import InvalidRequestError
from gateway.pipeline.validation import spell_masks_in_snake_case
from gateway.rest.bindings import Binding, UnsupportedRuleError, read_bindings
from gateway.rest.errors import MethodNotAllowedError, PathUnknownError
from gateway.rest.reading import read_message
from gateway.rest.router import Route, Router
from gateway.rest.template import parse_template, split_path
from tests.gateway.rest.kitchen import KITCHEN, contract_with_rule
from tests.gateway.rest.messages import messages


def router_of(contract: Contract) -> Router[Binding]:
    return Router([Route(verb=b.verb, template=b.template, endpoint=b) for b in read_bindings(contract)])


CONTRACT = load_contract()
BINDINGS = read_bindings(CONTRACT) + read_bindings(KITCHEN)
ROUTER = router_of(CONTRACT)
KITCHEN_ROUTER = router_of(KITCHEN)
ONE_BINDING = pytest.mark.parametrize("binding", BINDINGS, ids=lambda b: f"{b.verb} {b.template.text}")

_pieces = sorted(
    {piece for b in BINDINGS for piece in b.template.text.replace(":", "/:").split("/") if "{" not in piece}
)
_paths = st.lists(st.sampled_from([*_pieces, "", "x", "a:b", ":", "a.b"]), max_size=6).map(
    lambda pieces: ("/" + "/".join(pieces)).replace("/:", ":")
)


@settings(max_examples=500)
@given(path=_paths)
def test_a_path_matches_the_templates_that_google_matches_except_for_bare_colons(path: str) -> None:
    """Google's variables match a colon, too; a path with more of them than its template has is ours to refuse."""
    templates = [binding.template for binding in BINDINGS]
    taken_apart = split_path(path)

    ours = {t.text for t in templates if taken_apart is not None and t.match(taken_apart) is not None}

    google = {t.text for t in templates if _google_matches(t.text, path)}
    assert google == ours


def _google_matches(template: str, path: str) -> bool:
    matches: bool = path_template.validate(template, path)  # type: ignore[no-untyped-call]  # it has no types
    return matches and path.count(":") == template.count(":")


@ONE_BINDING
@settings(max_examples=15, deadline=None)
@given(data=st.data())
def test_what_googles_client_sends_arrives_as_it_was(data: st.DataObject, binding: Binding) -> None:
    """google.api_core turns a message into path, query and body; the gateway makes the same message of them."""
    message = data.draw(messages(binding.method.descriptor.input_type))
    if not binding.has_body:
        _keep_what_a_query_can_say(message)
    _set_variables(message, binding, data)
    option = {
        "method": binding.verb.lower(),
        "uri": binding.template.text,
        **({"body": "*"} if binding.has_body else {}),
    }

    sent = path_template.transcode([option], message=message)  # type: ignore[no-untyped-call]  # it has no types

    router = KITCHEN_ROUTER if binding.method in KITCHEN.methods else ROUTER
    route, variables = router.resolve(sent["method"].upper(), sent["uri"])
    found = route.endpoint
    body = json_format.MessageToJson(sent["body"]).encode() if binding.has_body else b""
    query = "" if binding.has_body else _query(sent["query_params"])
    received = read_message(found, variables, query, body)
    spell_masks_in_snake_case(received)
    assert binding == found
    assert message.SerializeToString(deterministic=True) == received.SerializeToString(deterministic=True)


def _query(message: Message) -> str:
    plain = json.loads(json_format.MessageToJson(message))
    return urlencode(rest_helpers.flatten_query_params(plain, strict=True))  # type: ignore[no-untyped-call]  # it has no types


def _keep_what_a_query_can_say(message: Any) -> None:  # noqa: ANN401 - any message
    """Clear maps, lists of messages, messages of free form, and messages that are set but empty."""
    for field, value in message.ListFields():
        inner = field.message_type
        if inner is None or _is_one_value(inner):
            continue
        if field.is_repeated or inner.file.package == "google.protobuf":
            message.ClearField(field.name)
        else:
            _keep_what_a_query_can_say(value)
            if not value.ListFields():
                message.ClearField(field.name)


def _is_one_value(message: Descriptor) -> bool:
    return message.name in {"Timestamp", "Duration", "FieldMask"} or message.file.name.endswith("/wrappers.proto")


def _set_variables(message: Any, binding: Binding, data: st.DataObject) -> None:  # noqa: ANN401 - any message
    """Google's client sends no empty variable, and encodes no `/` in one, so that it would be another path."""
    for variable in binding.template.variables:
        *parents, last = variable.split(".")
        target = functools.reduce(getattr, parents, message)
        value = data.draw(_SEGMENTS if isinstance(getattr(target, last), str) else st.integers(1, 2**63 - 1))
        setattr(target, last, value)


_SEGMENTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="/"), min_size=1, max_size=6).filter(
    lambda text: text not in {".", "..", "special"}
)


@pytest.mark.parametrize("segment", ["a/b", "a:b", "ä ö", "100%", "?", "#", "a+b", "{x}", "\x00"])
def test_a_variable_holds_whatever_was_percent_encoded(segment: str) -> None:
    _, variables = ROUTER.resolve("GET", "/v1/sources/" + quote(segment, safe=""))

    assert {"source": segment} == variables


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "v1/metrics", "/v1", "/v1/", "/v1/metrics/", "//v1/metrics", "/v1//metrics", "/v1/metrics:",
        "/V1/metrics", "/v1/nothing", "/v1/events:nothing",
        "/v1/events%3Asearch", "/v1:x/metrics", "/v1/events:search:search",
        "/v1/sources/", "/v1/sources/a:b", "/v1/sources/a/b", "/v1/sources/%", "/v1/sources/%zz", "/v1/sources/%ff",
        "/v1/../v1/metrics",
    ],
)  # fmt: skip
def test_any_other_path_is_unknown(path: str) -> None:
    with pytest.raises(PathUnknownError):
        ROUTER.resolve("GET", path)


def test_a_bare_colon_is_no_part_of_a_variable_in_the_middle_either() -> None:
    route, _ = KITCHEN_ROUTER.resolve("GET", "/v1/spoons/a%3Ab/sinks/5:weigh")

    assert "/v1/spoons/{spoon.name}/sinks/{large}:weigh" == route.template.text
    with pytest.raises(PathUnknownError):
        KITCHEN_ROUTER.resolve("GET", "/v1/spoons/a:b/sinks/5:weigh")


def test_a_literal_may_be_percent_encoded() -> None:
    route, _ = ROUTER.resolve("GET", "/v1/%6Detrics")

    assert "ListMetrics" == route.endpoint.method.name


def test_a_literal_goes_before_a_variable() -> None:
    special, nothing = KITCHEN_ROUTER.resolve("GET", "/v1/sinks/special")
    _, variables = KITCHEN_ROUTER.resolve("PUT", "/v1/sinks/special")

    assert "/v1/sinks/special" == special.template.text
    assert {} == nothing
    assert {"text": "special"} == variables


def test_head_is_served_where_get_is() -> None:
    assert ROUTER.resolve("GET", "/v1/metrics") == ROUTER.resolve("HEAD", "/v1/metrics")


@pytest.mark.parametrize(
    ("verb", "path", "allowed"),
    [
        ("GET", "/v1/events:search", "POST"),
        ("HEAD", "/v1/events:search", "POST"),
        ("POST", "/v1/events", "GET, HEAD"),
        ("OPTIONS", "/v1/metrics", "GET, HEAD"),
        ("GET", "/v1/sources/crm:check", "POST"),
    ],
)
def test_another_method_is_told_which_are_allowed(verb: str, path: str, allowed: str) -> None:
    with pytest.raises(MethodNotAllowedError) as caught:
        ROUTER.resolve(verb, path)

    assert {"Allow": allowed} == caught.value.headers


def test_all_methods_of_a_path_are_told() -> None:
    with pytest.raises(MethodNotAllowedError) as caught:
        KITCHEN_ROUTER.resolve("PATCH", "/v1/sinks/a")

    assert {"Allow": "DELETE, GET, HEAD, PUT"} == caught.value.headers


def test_two_rules_for_the_same_paths_stop_the_start() -> None:
    routes = [Route(verb="GET", template=parse_template(text), endpoint=text) for text in ("/v1/{a}", "/v1/{b}")]

    with pytest.raises(ValueError, match=r"GET /v1/\{b\} and /v1/\{a\} are the same paths"):
        Router(routes)


_RULES = {
    "": "it has none",
    '{get: "/v1/{id=*}"}': "neither a name nor a {variable}",
    '{get: "/v1/{id=shelves/*}"}': "neither a name nor a {variable}",
    '{get: "/v1/**"}': "neither a name nor a {variable}",
    '{get: "/v1/x{id}"}': "neither a name nor a {variable}",
    '{get: "v1"}': 'must be "/"',
    '{get: "/v1:a:b"}': 'must be "/"',
    '{get: "/v1/{id}/{id}"}': "gives one variable twice",
    '{get: "/v1/{nobody}"}': "variable nobody is no field of the request",
    '{get: "/v1/{inner.nobody}"}': "variable inner.nobody is no field of the request",
    '{get: "/v1/{ids}"}': "variable ids must be a single scalar field",
    '{get: "/v1/{inner}"}': "variable inner must be a single scalar field",
    '{get: "/v1/{inners.name}"}': "variable inners.name leads through a list",
    '{get: "/v1", body: "*"}': "get takes no body",
    '{post: "/v1", body: "inner"}': 'a body other than "*"',
    '{get: "/v1", response_body: "x"}': "and a response body, are not served",
    '{custom: {kind: "LIST", path: "/v1"}}': "must be one of get, put, post, delete and patch",
    "{}": "must be one of get, put, post, delete and patch",
    '{get: "/v1" additional_bindings: {get: "/v2" additional_bindings: {get: "/v3"}}}': "has additional bindings",
}


@pytest.mark.parametrize("number", range(len(_RULES)), ids=list(_RULES))
def test_a_rule_that_is_not_served_stops_the_start_and_names_the_rpc(number: int) -> None:
    rule, why = list(_RULES.items())[number]
    contract = contract_with_rule(f"rule{number}", f"option (google.api.http) = {rule};" if rule else "")

    with pytest.raises(UnsupportedRuleError) as caught:
        read_bindings(contract)

    assert str(caught.value).startswith(f"tests.rule{number}.Rules.Ask: the google.api.http rule cannot be served: ")
    assert why in str(caught.value)


def test_a_stream_of_requests_stops_the_start() -> None:
    with pytest.raises(UnsupportedRuleError, match="the requests are a stream"):
        read_bindings(contract_with_rule("streaming", 'option (google.api.http) = {post: "/v1"};', stream="stream"))


def test_null_in_the_body_leaves_a_field_to_the_path() -> None:
    route, variables = KITCHEN_ROUTER.resolve("POST", "/v1/sinks/a:fill")

    assert read_message(route.endpoint, {}, "", b'{"text": "a"}') == read_message(
        route.endpoint, variables, "", b'{"text": null}'
    )


@pytest.mark.parametrize(
    ("query", "body", "field", "said"),
    [
        ("small=5", b"", "small", "belongs in the body"),
        ("", b'{"text": "b"}', "text", "is given more than once"),
    ],
)
def test_every_field_comes_by_one_way_only(query: str, body: bytes, field: str, said: str) -> None:
    route, variables = KITCHEN_ROUTER.resolve("POST", "/v1/sinks/a:fill")

    with pytest.raises(InvalidRequestError) as caught:
        read_message(route.endpoint, variables, query, body)

    assert [(field, said)] == [(violation.field, violation.description) for violation in caught.value.violations]
