"""A call's request message, out of the path, the query and the body of an HTTP request."""

from collections.abc import Mapping

from aiohttp import web
from google.protobuf.message import Message

from gateway.pipeline.errors import FieldViolation, InvalidRequestError
from gateway.rest.bindings import Binding
from gateway.rest.codec import decode_body, decode_tree, read_query
from gateway.rest.codec.query import insert_text
from gateway.rest.codec.scalars import MismatchError
from gateway.rest.errors import (
    BodyTooLargeError,
    ContentCodingUnsupportedError,
    HttpInvalidError,
    MediaTypeUnsupportedError,
)
from gateway.rest.expectation import ask_for_body

MOST_BODY_BYTES = 256 * 1024
"""What the application sets as aiohttp's limit. It is that of the body as it is after it was decompressed."""
_CODINGS = frozenset({"identity", "gzip", "deflate"})
"""What aiohttp reads, whatever else is installed."""


async def read_request(binding: Binding, request: web.BaseRequest, variables: Mapping[str, str]) -> Message:
    """The message that the request spells.

    Raises:
        InvalidRequestError: a field, a parameter or the body is not right.
        MediaTypeUnsupportedError: the body is not JSON by its own word, or compressed in a way that is not read.
        BodyTooLargeError: the body exceeds `MOST_BODY_BYTES`, be it by its own word.
        HttpInvalidError: it is sent in a way that is not read.
    """
    body = await _read_body(request) if binding.has_body else b""
    return read_message(binding, variables, request.rel_url.raw_query_string, body)


def read_message(binding: Binding, variables: Mapping[str, str], query: str, body: bytes) -> Message:
    """The message that path, query string and body spell together; every field comes by exactly one of them.

    Raises:
        InvalidRequestError: a field, a parameter or the body is not right.
    """
    descriptor = binding.method.descriptor.input_type
    tree = read_query(query, descriptor, variables)
    if binding.has_body:
        if tree:
            raise InvalidRequestError(*(FieldViolation(field=name, description="belongs in the body") for name in tree))
        tree = decode_body(body)
    for field, text in variables.items():
        try:
            insert_text(tree, descriptor, field, text)
        except MismatchError as error:
            raise InvalidRequestError(FieldViolation(field=field, description=str(error))) from None
    message = binding.method.request_class()
    decode_tree(tree, message)
    return message


async def _read_body(request: web.BaseRequest) -> bytes:
    """The body, once its type and size are found right. An empty one may be of any type, as curl sends it."""
    if request.headers.get("Transfer-Encoding", "chunked").lower() != "chunked":
        raise HttpInvalidError("the only transfer coding that is read is chunked")
    if request.headers.get("Content-Encoding", "identity").lower() not in _CODINGS:
        raise ContentCodingUnsupportedError
    told = request.content_length or 0
    if told > MOST_BODY_BYTES:
        raise _too_large()
    if told:
        _check_type(request)
    await ask_for_body(request)
    try:
        body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _too_large() from None
    except (web.RequestPayloadError, ConnectionError):
        why = "ended too soon, or is not compressed or cut into chunks as it says"
        raise InvalidRequestError(FieldViolation(field="body", description=why)) from None
    if body:
        _check_type(request)
    return body


def _too_large() -> BodyTooLargeError:
    return BodyTooLargeError(f"the body may have at most {MOST_BODY_BYTES} bytes")


def _check_type(request: web.BaseRequest) -> None:
    if not _is_json(request):
        raise MediaTypeUnsupportedError("the body must be JSON in UTF-8, with Content-Type: application/json")


def _is_json(request: web.BaseRequest) -> bool:
    return request.content_type == "application/json" and (request.charset or "utf-8").lower() in {"utf-8", "utf8"}
