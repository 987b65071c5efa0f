"""What every operation may answer besides its own message: problems, and how a stream shows its items."""

from gateway.rest.openapi.rules import Schema
from gateway.rest.problems import MEDIA_TYPE, RETRY_LATER
from gateway.rest.reading import MOST_BODY_BYTES
from gateway.rest.server import MOST_ADDRESS_BYTES, MOST_HEADER_BYTES
from gateway.rest.timeouts import MOST_CHARACTERS, SECONDS

PROBLEMS = {
    400: ("Invalid", "The request is not valid, or no source can ever answer it; `detail` says what would be right."),
    404: ("NotFound", "What the path names does not exist."),
    406: ("NotAcceptable", "The answer cannot be sent in any of the forms that `Accept` allows."),
    413: ("BodyTooLarge", f"The body has more than {MOST_BODY_BYTES} bytes."),
    414: ("AddressTooLong", f"The path with its query has more than {MOST_ADDRESS_BYTES} bytes."),
    415: ("NotJson", "The body is not JSON in UTF-8, by its own `Content-Type`."),
    429: ("Overloaded", "The gateway has as many calls under way as it takes. Nothing was asked."),
    431: ("HeaderTooLong", f"A header has more than {MOST_HEADER_BYTES} bytes."),
    500: ("Fault", "A fault of the gateway. The request id finds it in the log."),
    503: ("Unavailable", "No source answered, or a required one did not; `error.details` tells what became of each."),
    504: ("TimedOut", "The time of the call was over before any source answered."),
}
"""The name and the meaning of each status that a problem has."""
_ALWAYS = (400, 406, 414, 429, 431, 500, 503, 504)

STREAM_FAILURE: Schema = {
    "type": "object",
    "description": "The last item of a stream that fails after its status was sent.",
    "properties": {"error": {"$ref": "#/components/schemas/google.rpc.Status"}},
    "required": ["error"],
}
PROBLEM_SCHEMA: Schema = {
    "type": "object",
    "description": "A failure, as RFC 9457 defines it, with the `google.rpc.Status` that gRPC would tell.",
    "properties": {
        "type": {"type": "string", "format": "uri", "description": "Names the reason; there is nothing to fetch."},
        "title": {"type": "string", "description": "The reason in words."},
        "status": {"type": "integer", "description": "The status of the response."},
        "detail": {"type": "string", "description": "What happened, and what would help."},
        "instance": {"type": "string", "format": "uri", "description": "Names this failure by its request id."},
        "error": {"$ref": "#/components/schemas/google.rpc.Status"},
    },
    "required": ["type", "title", "status", "detail", "instance", "error"],
    "examples": [
        {
            "type": "tag:analytics-gateway,2026:reason:REQUEST_INVALID",
            "title": "Request invalid",
            "status": 400,
            "detail": 'strat_time: is not known; did you mean "start_time"?',
            "instance": "tag:analytics-gateway,2026:request:2f1c9a",
            "error": {
                "code": 3,
                "message": 'strat_time: is not known; did you mean "start_time"?',
                "details": [
                    {
                        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
                        "reason": "REQUEST_INVALID",
                        "domain": "analytics-gateway",
                        "metadata": {},
                    }
                ],
            },
        }
    ],
}
HEADERS: dict[str, Schema] = {
    "RequestId": {
        "description": "The request id: the caller's if it gave one, or one made here. It finds the call in the log.",
        "required": True,
        "schema": {"type": "string"},
    },
    "RetryAfter": {
        "description": "Seconds to wait before the call is worth another try.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "ServerTiming": {
        "description": "Milliseconds that the call waited for upstreams, and those that were the gateway's own. Of a "
        "stream, until its first item.",
        "required": True,
        "schema": {"type": "string", "examples": ["upstream;dur=412.07, gateway;dur=1.38"]},
    },
    "Vary": {
        "description": "What of the request, besides its URL, decides what is sent.",
        "required": True,
        "schema": {"type": "string"},
    },
    "CacheControl": {
        "description": "For how long the answer is as good as a new one; to be reckoned from `Age`, as caches do. "
        "Never for shared caches. `no-cache`: ask with `If-None-Match` whether it still holds, as when some of it is "
        "no longer fresh. `no-store`: it is passing, as when a source failed and nothing stands in for it.",
        "required": True,
        "schema": {"type": "string", "examples": ["private, max-age=300"]},
    },
    "Age": {
        "description": "Seconds since the oldest of what it tells was observed, if all of that is kept, fresh or not.",
        "required": False,
        "schema": {"type": "integer", "minimum": 0},
    },
    "ETag": {
        "description": "Names the content in this coding; for `If-None-Match`.",
        "required": True,
        "schema": {"type": "string", "examples": ['"ypeBEsobvcr6wjGzmiPcTQ-gzip"']},
    },
}


def _headers(**names: str) -> Schema:
    return {header: {"$ref": f"#/components/headers/{name}"} for name, header in names.items()}


_REQUEST_ID = _headers(RequestId="X-Request-Id", ServerTiming="Server-Timing")
_STREAMED = {**_REQUEST_ID, **_headers(CacheControl="Cache-Control", Vary="Vary")}
_POSTED = {**_STREAMED, **_headers(Age="Age")}
_KEPT = {**_POSTED, **_headers(ETag="ETag")}
PARAMETERS: dict[str, Schema] = {
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "Names the call in the logs of both sides. What is not 1 to 128 printable ASCII characters is "
        "replaced by a name made here.",
        "schema": {"type": "string", "examples": ["nightly-report-42"]},
    },
    "RequestTimeout": {
        "name": "Request-Timeout",
        "in": "header",
        "description": "Seconds that the caller waits. A partial answer leaves before they are over.",
        "schema": {"type": "string", "pattern": f"^{SECONDS}$", "maxLength": MOST_CHARACTERS, "examples": ["2.5"]},
    },
}


CONDITIONS: dict[str, Schema] = {
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "The `ETag` of an answer that the client has, or several: if it still holds, the answer is 304.",
        "schema": {"type": "string", "examples": ['"ypeBEsobvcr6wjGzmiPcTQ-gzip"']},
    },
}
"""The parameters of what can be asked again."""


def problems(*, named: bool, has_body: bool) -> Schema:
    """The responses of an operation that fails; `named` if its path names something, which may not exist."""
    statuses = [*_ALWAYS, *([404] if named else []), *([413, 415] if has_body else [])]
    return {str(status): {"$ref": f"#/components/responses/{PROBLEMS[status][0]}"} for status in sorted(statuses)}


def problem_responses() -> Schema:
    """What `problems` refers to."""
    return {name: _problem(status, description) for status, (name, description) in PROBLEMS.items()}


def single(schema: Schema, *, is_kept: bool) -> Schema:
    """The answer of a method that is not streaming; `is_kept` if caches may keep it."""
    content = {"application/json": {"schema": schema}}
    if not is_kept:
        return {"200": _ok("The answer.", content, _POSTED)}
    known = {"description": "The client has the answer: it is that of one of its tags.", "headers": _KEPT}
    return {"200": _ok("The answer.", content, _KEPT), "304": known}


def stream(item: Schema) -> Schema:
    """The answers of a streaming method, in the three forms that `Accept` chooses from."""
    items: Schema = {"type": "array", "items": {"anyOf": [item, {"$ref": "#/components/schemas/StreamFailure"}]}}
    description = (
        "The items as they come, in the form that `Accept` names: one per line (the default), each as the `data` of a "
        "server-sent event, or as the elements of one array. The last item is an end or a failure; a stream without "
        "either was cut."
    )
    forms = {
        # As OpenAPI 3.2 has it, the schema of a media type of many values is that of an array of them.
        "application/x-ndjson": {"schema": items},
        "text/event-stream": {"schema": {"type": "string", "description": "Server-sent events."}},
        "application/json": {"schema": items},
    }
    finished = {"description": "The token is that of a stream's end: nothing follows.", "headers": _STREAMED}
    return {"200": _ok(description, forms, _STREAMED), "204": finished}


def _ok(description: str, content: Schema, headers: Schema) -> Schema:
    return {"description": description, "headers": headers, "content": content}


def _problem(status: int, description: str) -> Schema:
    retry = {"Retry-After": {"$ref": "#/components/headers/RetryAfter"}} if status in RETRY_LATER else {}
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": description, "headers": {**_headers(RequestId="X-Request-Id"), **retry}, "content": content}
