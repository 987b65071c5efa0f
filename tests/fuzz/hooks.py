"""What the OpenAPI document has no words for: how streams are read, and which refusals of valid requests are right.

Schemathesis loads this module. It alters no check: each failure that is dropped here names a rule of the contract that
JSON Schema cannot express, and is matched by the reason and the field that the answer gives for programs to read.
"""

import itertools
import json
import re
from http import HTTPStatus
from typing import Any

import schemathesis
from schemathesis import Case, DeserializationContext, HookContext, Response
from schemathesis.core.failures import Failure, ServerError
from schemathesis.openapi.checks import RejectedPositiveData

from gateway.rest.framing import OFFERS
from gateway.rest.server import MOST_ADDRESS_BYTES

AnyCase = Case[Any]

BEYOND_A_SCHEMA = {
    "SOURCE_UNKNOWN": "which sources there are is a matter of configuration",
    "SOURCE_CANNOT_ANSWER": "and so is what each of them can answer",
    "TOKEN_INVALID": "tokens are sealed by the gateway",
    "TOKEN_MISMATCH": "and good for the query that they came with only",
    "QUESTION_OUT_OF_RANGE": "how far back a source remembers is its own matter",
}
"""Reasons to refuse a request that is valid by its schema."""

RULES_BEYOND_A_SCHEMA = {
    r"start_time": r"must lie (before|at most \d+ days before) .*",
    r"end_time": r"lies too early for a window of .*",
    r"max_age": r"must be greater than or equal to 0s and less than or equal to .*",
    r"metrics\[\d+\]": r'".*" is told by none of the sources asked; .*',
    r"read_mask": r'".*" is unknown; .*|at most 64 paths',
    r"required_sources\[\d+\]": r'".*" is not among .*',
}
"""Rules about two fields together, or about names that change with the configuration: what answers say, by field."""

KNOWN_METRICS = ("fluidtopics.events", "superoffice.contacts", "zylon.interactions")
LONG = 10.0
"""Seconds in which a gateway over healthy simulators has always answered."""

_forms = itertools.cycle(OFFERS)


@schemathesis.deserializer("application/x-ndjson")
def read_lines(_context: DeserializationContext, response: Response) -> list[Any]:
    """The items, one of each line."""
    return [json.loads(line) for line in response.content.splitlines()]


@schemathesis.deserializer("text/event-stream")
def read_events(_context: DeserializationContext, response: Response) -> str:
    """The document calls them a string; what they hold is the same JSON as in the other forms."""
    text = response.content.decode()
    for line in text.splitlines():
        if line.startswith("data: "):
            json.loads(line.removeprefix("data: "))
    return text


@schemathesis.hook
def map_case(_context: HookContext, case: AnyCase) -> AnyCase:
    """Ask for each form of a stream in turn; and let valid requests name what exists, which random text never does."""
    if case.path.endswith(":stream"):
        case.headers["Accept"] = next(_forms)
    if case.meta is not None and case.meta.generation.mode.is_positive:
        for fields in (case.query, case.body):
            if isinstance(fields, dict):
                _name_what_exists(case, fields)
        case.headers.pop("Last-Event-ID", None)
    return case


@schemathesis.hook
def filter_failure(_context: HookContext, failure: Failure, case: AnyCase, response: Response) -> bool:
    """Keep a failure, unless the answer gives a reason for it that the document cannot state."""
    match failure:
        case RejectedPositiveData():
            return not _rightly_refused(response)
        case ServerError():
            return not _rightly_unanswered(case, response)
        case _:
            return True


def _name_what_exists(case: AnyCase, fields: dict[str, Any]) -> None:
    of_accounts = case.path == "/v1/accounts"
    source = "crm" if of_accounts else "docs"
    if of_accounts and fields.get("readMask"):
        fields["readMask"] = "license.expiryTime,feature_toggles"
    for name in ("sources", "requiredSources"):
        if fields.get(name):
            fields[name] = [source]
    if fields.get("metrics"):
        fields["metrics"] = list(KNOWN_METRICS[: len(fields["metrics"])])
    for name in ("pageToken", "resumeToken"):
        fields.pop(name, None)


def _rightly_refused(response: Response) -> bool:
    """Whether the answer says that a rule beyond a schema is broken, and none other."""
    if response.status_code == HTTPStatus.REQUEST_URI_TOO_LONG:
        return len(response.request.path_url) > MOST_ADDRESS_BYTES
    reason, *details = _details(response)
    violations = [each for detail in details for each in detail.get("fieldViolations", ())]
    return reason["reason"] in BEYOND_A_SCHEMA or (
        reason["reason"] == "REQUEST_INVALID" and bool(violations) and all(map(_is_beyond_a_schema, violations))
    )


def _is_beyond_a_schema(violation: dict[str, str]) -> bool:
    return any(
        re.fullmatch(field, violation["field"]) and re.fullmatch(rule, violation["description"])
        for field, rule in RULES_BEYOND_A_SCHEMA.items()
    )


def _rightly_unanswered(case: AnyCase, response: Response) -> bool:
    """Whether the caller wanted what cannot be had: an answer at once, or one from a cache that holds none."""
    if response.status_code == HTTPStatus.GATEWAY_TIMEOUT:
        return float(dict[str, str](case.headers).get("Request-Timeout", LONG)) < LONG
    outcomes = [detail for detail in _details(response) if "state" in detail]
    reasons = {outcome["status"]["details"][0]["reason"] for outcome in outcomes if "status" in outcome}
    return response.status_code == HTTPStatus.SERVICE_UNAVAILABLE and reasons == {"CACHE_MISS"}


def _details(response: Response) -> list[dict[str, Any]]:
    """Those of the status, the `ErrorInfo` first."""
    details: list[dict[str, Any]] = response.json()["error"]["details"]
    return details
