"""The id by which a call is found in the logs, on both sides."""

import re
from random import getrandbits as _bits

_ACCEPTED = re.compile(r"[!-~]([ -~]{0,126}[!-~])?")


def request_id(given: str | None) -> str:
    """The caller's id if it is printable ASCII, at most 128 characters, no space at either end; otherwise a new one."""
    if given is not None and _ACCEPTED.fullmatch(given):
        return given
    return _bits(128).to_bytes(16).hex()  # a name, not a secret: guessing it gives nothing
