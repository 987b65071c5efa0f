"""What every operation may answer besides its own message: problems, and how a stream shows its items."""

from gateway.rest.openapi.rules import Schema
from gateway.rest.problems import MEDIA_TYPE

PROBLEM = {"$ref": "#/components/responses/Problem"}

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
}
REQUEST_ID_HEADER: Schema = {
    "description": "The request id: the caller's if it gave one, or one made here. It finds the call in the log.",
    "schema": {"type": "string"},
}
PROBLEM_RESPONSE: Schema = {
    "description": "Failure. `detail` says why; `error.details` has the reason, and what became of each source.",
    "headers": {
        "X-Request-Id": {"$ref": "#/components/headers/RequestId"},
        "Retry-After": {
            "description": "With 429 and 503: seconds to wait.",
            "schema": {"type": "integer", "minimum": 1},
        },
    },
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
PARAMETERS: dict[str, Schema] = {
    "RequestId": {
        "name": "X-Request-Id",
        "in": "header",
        "description": "Names the call in the logs of both sides: at most 128 printable ASCII characters.",
        "schema": {"type": "string", "maxLength": 128},
    },
    "RequestTimeout": {
        "name": "Request-Timeout",
        "in": "header",
        "description": "Seconds that the caller waits. A partial answer leaves before they are over.",
        "schema": {"type": "string", "pattern": "^[0-9]{1,9}([.][0-9]{1,9})?$", "examples": ["2.5"]},
    },
    "LastEventId": {
        "name": "Last-Event-ID",
        "in": "header",
        "description": "The last `id` of a stream of server-sent events that was cut; a browser sends it by itself.",
        "schema": {"type": "string"},
    },
}


def single(schema: Schema) -> Schema:
    """The answer of a method that is not streaming."""
    return _ok("The answer.", {"application/json": {"schema": schema}})


def stream(item: Schema) -> Schema:
    """The answer of a streaming method, in the three forms that `Accept` chooses from."""
    either: Schema = {"anyOf": [item, {"$ref": "#/components/schemas/StreamFailure"}]}
    return _ok(
        "The items as they come, in the form that `Accept` names: by default one per line, as the `data` of a "
        "server-sent event, or as an element of one array. The last item is an end or a failure; a stream without "
        "either was cut.",
        {
            "application/x-ndjson": {"schema": either},
            "text/event-stream": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "array", "items": either}},
        },
    )


def _ok(description: str, content: Schema) -> Schema:
    headers = {"X-Request-Id": {"$ref": "#/components/headers/RequestId"}}
    return {"description": description, "headers": headers, "content": content}
