"""Plans, each made once a day for equal requests: a dashboard asks the same again and again."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from adapters.query import Window
from gateway.federation.asks import Plan
from gateway.federation.plan import Sources
from gateway.federation.requests import WindowedRequest
from gateway.federation.window import end_of_today, window_of

MOST_PLANS = 512
"""Plans that are kept: those that were wanted last. Each takes about 1 KiB, and as much again for each source."""

LARGEST = 2048
"""Bytes of a request whose plan is kept. A larger one is hardly asked twice, and its plan would take much room."""

R = TypeVar("R", bound=WindowedRequest)

Make = Callable[[Sources, R, Window], Plan]
"""Makes the plan of a method. It gives an equal one each time, or raises the same `CallError`, which is not kept."""


class Plans:
    """Plans of requests for a window, put to the same sources."""

    def __init__(self, sources: Sources) -> None:
        """Begin with none."""
        self._sources = sources
        self._kept = lru_cache(maxsize=MOST_PLANS)(self._made)

    def plan(self, make: Make[R], request: R, now: datetime) -> Plan:
        """What `make` plans for a request that comes now. Many calls may share it, and what is found out about it.

        Raises:
            CallError: the request can't be planned.
        """
        written = request.SerializeToString(deterministic=True)
        read, today = type(request).FromString, end_of_today(now)
        if len(written) > LARGEST:
            return self._made(make, read, written, today)
        return self._kept(make, read, written, today)

    def _made(self, make: Make[Any], read: Callable[[bytes], Any], written: bytes, today: datetime) -> Plan:
        request = read(written)
        return make(self._sources, request, window_of(request, today))
