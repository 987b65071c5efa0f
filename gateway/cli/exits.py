"""The codes that commands end with, and the one line on standard error that explains them."""

import sys

SUCCESS = 0
FAILED = 1
MISCONFIGURED = 2


def complain(error: object, code: int) -> int:
    """Tell an operator what can be mended, and give the code to end with."""
    sys.stderr.write(f"analytics-gateway: {error}\n")
    return code
