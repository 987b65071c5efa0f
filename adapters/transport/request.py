"""What is sent to an upstream."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from adapters.errors import SourceError


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request to an upstream, safe to repeat. Its repr omits all that may be personal or secret."""

    method: Literal["GET", "POST"]
    path: str
    """Relative to the base URL, without a leading slash, not yet percent-encoded."""
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent in this order, percent-encoded."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """Sent besides those of the upstream, which they override."""
    body: bytes | None = field(default=None, repr=False)
    """Sent as it is: JSON, unless `headers` say otherwise. `b""` is a body of length zero, None is no body."""
    explain: Callable[[bytes], SourceError | None] | None = field(default=None, repr=False)
    """What the body of a refusal (4xx) says besides its status; None for nothing. Without it, that body is not read."""
