"""Entity tags, and whether the client has what it asks for already, as RFC 9110, sections 8.8.3 and 13.1.2, has it."""

import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from hashlib import sha256

_TAG = re.compile(r'"[^"]*"')
"""Without the `W/` of a weak one: tags are compared without."""
_DIGEST_BYTES = 16


def entity_tag(body: bytes, coding: str) -> str:
    """The strong tag of a body in a coding: equal if and only if the bytes sent are, whoever makes them."""
    digest = urlsafe_b64encode(sha256(body).digest()[:_DIGEST_BYTES]).decode().rstrip("=")
    return f'"{digest}"' if coding == "identity" else f'"{digest}-{coding}"'


def is_known(if_none_match: Iterable[str], tag: str) -> bool:
    """Whether the `If-None-Match` headers name the tag, or any. Weak tags count: that is how they are compared here."""
    header = ",".join(if_none_match)
    return header.strip() == "*" or tag in _TAG.findall(header)
