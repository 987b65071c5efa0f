"""The id by which a call is found in the logs, on both sides."""

import re
import uuid

_ACCEPTED = re.compile(r"[!-~]([ -~]{0,126}[!-~])?")


def request_id(given: str | None) -> str:
    """The caller's id if it is printable ASCII, at most 128 characters, no space at either end; otherwise a new one."""
    if given is not None and _ACCEPTED.fullmatch(given):
        return given
    return uuid.uuid4().hex
