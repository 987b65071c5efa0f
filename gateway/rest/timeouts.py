"""How long the caller is willing to wait, as its headers say."""

import re
from collections.abc import Iterator, Mapping

from gateway.pipeline.errors import FieldViolation, InvalidRequestError
from gateway.rest.codec.names import shortened

SECONDS = "(?=.*[1-9])[0-9]+([.][0-9]+)?"
"""What `Request-Timeout` must match: a decimal number, one of whose digits is not 0."""
MOST_CHARACTERS = 19
"""Of `Request-Timeout`: nine digits on either side of the point."""

_GRPC = re.compile(r"(\d{1,8})([HMSmun])", re.ASCII)
_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}
"""As https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md defines them."""


def read_timeout(headers: Mapping[str, str]) -> float | None:
    """Seconds, from `Request-Timeout` or `grpc-timeout`, the shorter if there are both; None if there is neither.

    Raises:
        InvalidRequestError: one of them makes no sense, or is zero.
    """
    if "Request-Timeout" not in headers and "grpc-timeout" not in headers:
        return None
    return min(_given(headers))


def _given(headers: Mapping[str, str]) -> Iterator[float]:
    if (text := headers.get("Request-Timeout")) is not None:
        readable = len(text) <= MOST_CHARACTERS and re.fullmatch(SECONDS, text)
        yield _positive("Request-Timeout", text, float(text) if readable else 0.0, "seconds, more than 0, such as 2.5")
    if (text := headers.get("grpc-timeout")) is not None:
        found = _GRPC.fullmatch(text)
        seconds = int(found[1]) * _UNITS[found[2]] if found else 0.0
        yield _positive(
            "grpc-timeout", text, seconds, "1 to 8 digits and one of H M S m u n, more than 0, such as 2500m"
        )


def _positive(header: str, text: str, seconds: float, expected: str) -> float:
    if seconds <= 0:
        raise InvalidRequestError(
            FieldViolation(field=header, description=f"must be {expected}, not {shortened(text)}")
        )
    return seconds
