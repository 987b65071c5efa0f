"""What an upstream's HTTP status means to us. The one table of it."""

from datetime import timedelta
from http import HTTPStatus

from adapters.errors import (
    CredentialRefusedError,
    MisdirectedError,
    PermissionRefusedError,
    RateLimitedError,
    RedirectedError,
    RequestRefusedError,
    SourceError,
    UpstreamFailedError,
    UpstreamNotFoundError,
)

_UNKNOWN_METHOD = "The upstream does not have what was asked ({}): check base_url, and whether its release is too old."

# What is not here is told by its class, the hundreds, below.
_STATUSES: dict[int, tuple[type[SourceError], str]] = {
    401: (CredentialRefusedError, "The upstream refused the credential ({}): replace it in the configuration."),
    403: (
        PermissionRefusedError,
        "The upstream denied access ({}): the credential lacks a right there.",
    ),
    404: (UpstreamNotFoundError, _UNKNOWN_METHOD),
    405: (UpstreamNotFoundError, _UNKNOWN_METHOD),
    408: (UpstreamFailedError, "The upstream gave up waiting for our request ({})."),
    410: (UpstreamNotFoundError, _UNKNOWN_METHOD),
    421: (MisdirectedError, "This host does not serve the tenant ({}): it may have moved, correct base_url."),
    429: (RateLimitedError, "The upstream was asked too often ({}): ask less often, or accept older answers."),
}

_CLASSES: dict[int, tuple[type[SourceError], str]] = {
    3: (
        RedirectedError,
        "The upstream answered with a redirect ({}), not followed: set base_url to where it leads.",
    ),
    4: (RequestRefusedError, "The upstream did not accept the request ({})."),
}

_FAILED = (UpstreamFailedError, "The upstream failed ({}).")


def refusal(status: int, retry_after: timedelta | None) -> SourceError | None:
    """The error that a status stands for, or None for success (2xx)."""
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    error, text = _STATUSES.get(status) or _CLASSES.get(status // 100) or _FAILED
    return error(text.format(status), retry_after=retry_after)
