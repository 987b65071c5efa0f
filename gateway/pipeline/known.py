"""Requests that were read and found valid before: dashboards spell theirs alike each time."""

from collections import OrderedDict

from gateway.pipeline.answers import LONGEST_SPELLING, Spelling

MOST_KNOWN = 1024
"""Spellings: with their requests at most some 4 MiB. Those that nobody has used for longest are forgotten."""


class KnownRequests:
    """Valid requests in their one deterministic encoding, by method and spelling.

    A request stays valid: no rule of the contract looks at the clock.
    """

    def __init__(self, most: int = MOST_KNOWN) -> None:
        """Remember so many at most."""
        self._most = most
        self._requests: OrderedDict[tuple[str, Spelling], bytes] = OrderedDict()

    def get(self, method: str, spelling: Spelling) -> bytes | None:
        """The request that was spelled so; None if it is not known."""
        key = (method, spelling)
        request = self._requests.get(key)
        if request is not None:
            self._requests.move_to_end(key)
        return request

    def add(self, method: str, spelling: Spelling, request: bytes) -> None:
        """Remember a request, unless it or its spelling is long."""
        if max(len(spelling), len(request)) > LONGEST_SPELLING:
            return
        self._requests[method, spelling] = request
        if len(self._requests) > self._most:
            self._requests.popitem(last=False)
