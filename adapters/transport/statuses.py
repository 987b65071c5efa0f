"""What an upstream's HTTP status means to us. The one table of it."""

import copy
from datetime import timedelta

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
from adapters.transport.network import PROXY_WANTS_PROOF, NotConnectableError

_UNKNOWN_METHOD = "The upstream does not have what was asked ({}): check base_url, and whether its release is too old."

# What is not here is told by its class, the hundreds, below.
_STATUSES: dict[int, tuple[type[SourceError], str]] = {
    401: (
        CredentialRefusedError,
        "The upstream refused the credential ({}): it may have expired; replace it in the configuration.",
    ),
    403: (PermissionRefusedError, "The upstream denied access ({}): the credential lacks a right there."),
    404: (UpstreamNotFoundError, _UNKNOWN_METHOD),
    405: (UpstreamNotFoundError, _UNKNOWN_METHOD),
    # From an upstream that is reached by plain HTTP: with TLS, the proxy is asked before.
    407: (NotConnectableError, PROXY_WANTS_PROOF),
    408: (UpstreamFailedError, "The upstream gave up waiting for our request ({})."),
    410: (UpstreamNotFoundError, _UNKNOWN_METHOD),
    421: (MisdirectedError, "This host does not serve the tenant ({}): it may have moved, correct its address."),
    429: (RateLimitedError, "The upstream was asked too often ({}): ask less often, or accept older answers."),
}

_CLASSES: dict[int, tuple[type[SourceError], str]] = {
    3: (
        RedirectedError,
        "The upstream answered with a redirect ({}), not followed: set base_url to where it leads.",
    ),
    4: (RequestRefusedError, "The upstream did not accept the request ({})."),
}

_SUCCESS = 2

_FAILED = (UpstreamFailedError, "The upstream failed ({}).")

_RENEWED = "A renewed credential was refused as well."
_ASKED_FOR = "That address had just been asked for anew."


def refusal(status: int, retry_after: timedelta | None) -> SourceError | None:
    """The error that a status stands for, or None for success (2xx)."""
    if status // 100 == _SUCCESS:
        return None
    error, text = _STATUSES.get(status) or _CLASSES.get(status // 100) or _FAILED
    return error(text.format(status), retry_after=retry_after)


def in_vain(refused: SourceError) -> SourceError:
    """The same refusal, of a request that went out with a renewed credential, or to an address just asked for."""
    tried = _ASKED_FOR if isinstance(refused, MisdirectedError) else _RENEWED
    error = copy.copy(refused)
    error.args = (f"{refused} {tried}",)
    return error
