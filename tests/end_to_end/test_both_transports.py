"""Every RPC answers over gRPC and over REST, and says the same."""

import pytest
from google.api.http_pb2 import HttpRule

from gateway.contract import Method
from tests.end_to_end.forms import FORMS, read_items
from tests.end_to_end.questions import QUESTIONS
from tests.end_to_end.serving import METHODS, Gateway, settled, to_json
from unified.analytics.v1.outcome_pb2 import SourceOutcome

UNARY = [(method, rule) for method in METHODS.values() if not method.streaming for rule in method.http]
STREAMING = [(method, rule) for method in METHODS.values() if method.streaming for rule in method.http]

SAID_OF_FAILURES = {"advice"}
"""Fields that say nothing of what went well."""


def named(case: object) -> str | None:
    match case:
        case Method():
            return case.name
        case HttpRule():
            return case.get or case.post
        case _:
            return None


@pytest.mark.parametrize(("method", "rule"), UNARY, ids=named)
async def test_rest_says_what_grpc_says(gateway: Gateway, method: Method, rule: HttpRule) -> None:
    request = QUESTIONS[method.name]

    over_grpc = to_json(await gateway.unary(request))
    over_rest = await gateway.rest(request, rule)

    assert (200, "application/json") == (over_rest.status, over_rest.headers["Content-Type"])
    assert settled(over_grpc) == settled(over_rest.json())


@pytest.mark.parametrize("method", [method for method in METHODS.values() if not method.streaming], ids=named)
async def test_no_field_of_an_answer_is_left_empty(gateway: Gateway, method: Method) -> None:
    """Otherwise two answers could be the same because both are empty."""
    answer = await gateway.unary(QUESTIONS[method.name])

    empty = {field.name for field in answer.DESCRIPTOR.fields if not getattr(answer, field.name)}
    assert empty <= SAID_OF_FAILURES
    assert {SourceOutcome.STATE_ANSWERED} >= {outcome.state for outcome in getattr(answer, "outcomes", ())}


@pytest.mark.parametrize("accept", [*FORMS, "*/*"])
@pytest.mark.parametrize(("method", "rule"), STREAMING, ids=named)
async def test_a_stream_says_the_same_over_grpc_and_in_every_form(
    gateway: Gateway, method: Method, rule: HttpRule, accept: str
) -> None:
    request = QUESTIONS[method.name]

    over_grpc = [to_json(item) async for item in gateway.stream(request)]
    over_rest = await gateway.rest(request, rule, Accept=accept)

    assert settled(over_grpc) == settled(read_items(over_rest))
    assert 3 <= len(over_grpc), "a stream of one batch would not show how items are told apart"
    assert "end" in over_grpc[-1]
