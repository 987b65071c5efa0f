"""Between protobuf messages and proto3 JSON, both ways, and from query parameters.

https://protobuf.dev/programming-guides/json/ says what the JSON is. The one departure is the contract's own: a field
marked `embedded_json` is shown as the value that its text holds, under its name without `_json`.
"""

from gateway.rest.codec.decoder import decode_body, decode_tree
from gateway.rest.codec.encoder import JsonEncoder
from gateway.rest.codec.query import read_query

__all__ = ["JsonEncoder", "decode_body", "decode_tree", "read_query"]
