"""What an operator is told to do about a source that fails."""

import ast
import re
from collections.abc import Iterator

import pytest
from google.protobuf.message import Message
from google.rpc.status_pb2 import Status

from adapters.errors import SourceError
from gateway.pipeline.errors import source_status
from gateway.services.advice import ADVICE, advice_on
from tests.house.pages import CONFIGURATION, ERRORS, METRICS, quoted
from tests.house.tree import SOURCES, modules
from unified.analytics.v1.outcome_pb2 import SourceOutcome
from unified.analytics.v1.source_pb2 import Source, SourceConnection, SourceHistory, SourceProtection

COMMANDS = {"curl -v", "curl -i"}
HEADERS = {"Location"}
SHORTEST_SENTENCE = 25


def kinds_of(error: type[Exception]) -> Iterator[type[Exception]]:
    """It and those below it, but for those of tests."""
    yield error
    for found in error.__subclasses__():
        if not found.__module__.startswith("tests."):
            yield from kinds_of(found)


def told_by_the_code() -> set[str]:
    """All texts of the code that could be a message, but for advice itself."""
    return {
        node.value
        for module in modules(*SOURCES)
        if module.name != "advice.py"
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) >= SHORTEST_SENTENCE
    }


def fields_of(*messages: type[Message]) -> set[str]:
    return {field.name for message in messages for field in message.DESCRIPTOR.fields}


@pytest.mark.parametrize("error", [SourceError("No."), *(kind("No.") for kind in kinds_of(SourceError)), KeyError("x")])
def test_whatever_a_source_fails_for_there_is_advice(error: Exception) -> None:
    advice = advice_on(source_status(error, source="crm", kind="superoffice"))

    assert advice
    assert "No." not in advice.split()


def test_a_source_that_answered_needs_none() -> None:
    assert advice_on(Status()) is None


def test_every_piece_of_advice_is_documented_where_the_reason_is() -> None:
    assert ERRORS.rows("What an operator can do") == {reason: [advice] for reason, advice in ADVICE.items()}
    assert ERRORS.rows("A source fails").keys() == ADVICE.keys() - {"INTERNAL"}


def test_no_advice_says_again_what_the_outcome_says() -> None:
    messages = told_by_the_code()

    sentences = {sentence for advice in ADVICE.values() for sentence in re.split(r"(?<=[.?]) ", advice)}

    assert [] == [sentence for sentence in sentences for message in messages if sentence in message]
    assert [] == [message for message in messages for advice in ADVICE.values() if message in advice]


def test_advice_names_only_what_there_is() -> None:
    """Settings as the configuration calls them, fields of answers, events in the log, commands."""
    told = fields_of(SourceOutcome, Source, SourceConnection, SourceHistory, SourceProtection)
    events = METRICS.rows("Logs").keys()
    named = {name for advice in ADVICE.values() for name in quoted(advice)}

    unknown = named - told - events - COMMANDS - HEADERS

    assert [] == [name for name in sorted(unknown) if f"| `{name}` |" not in CONFIGURATION.text]
